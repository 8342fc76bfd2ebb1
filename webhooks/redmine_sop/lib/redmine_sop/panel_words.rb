# frozen_string_literal: true

module RedmineSop
  # The panel in the reader's language and time. `view` is the page being drawn; what comes back is escaped by it.
  class PanelWords
    STATES = %w[done now ahead again maybe skipped].freeze
    HOW = %w[override withdraw expire missed].freeze
    # Nobody did that.
    ALONE = %w[expire missed].freeze

    # A line under a step: what, when, and whether that was late.
    Line = Struct.new(:words, :time, :late)

    delegate :content_tag, :distance_of_time_in_words, to: :@view
    attr_reader :panel

    def initialize(panel, view, now: Time.now)
      @panel = panel
      @view = view
      @now = now
      @words = {}
      @people = {}
    end

    def heading
      return panel.end_title if panel.mood == 'ended'
      return panel.here('title') if panel.here('no').empty?

      l(:label_sop_step, no: panel.here('no'), of: panel.here('of'), title: panel.here('title'))
    end

    # The words that a colour would say: whose turn, waiting, how it ended.
    def badge
      case panel.mood
      when 'ended' then [panel.success? ? 'good' : 'bad', l(panel.success? ? :label_sop_succeeded : :label_sop_failed)]
      when 'waiting' then ['waiting', l(:label_sop_waiting)]
      when 'intake' then ['waiting', l(:label_sop_incomplete)]
      else ['turn', l(:label_sop_your_turn)] if !panel.behind? && panel.turn_of?(User.current)
      end
    end

    # What stands beside each fact: [name, text].
    def facts
      (panel.mood == 'ended' ? past : present).select { |_, value| value.present? }
    end

    # Until when, and how much that is from now: [instant, words, late]. Without a due time nothing.
    def due
      return unless panel.mood == 'step' && panel.due

      late = panel.due < @now
      [time(panel.due, zone: true), l(late ? :label_sop_late_by : :label_sop_left, time: between(@now, panel.due)), late]
    end

    # A line for each duty: [title, until when, words, late, what was so far]. While the ticket waits nothing is due.
    def duties
      panel.duties.map do |duty|
        late = duty.due && duty.due < @now
        left = l(late ? :label_sop_late_by : :label_sop_left, time: between(@now, duty.due)) if duty.due
        past = [(l(:text_sop_last_report, time: plain(duty.last)) if duty.last), (l(:text_sop_missed_reports, count: duty.missed) if duty.missed)]
        [duty.title, duty.due && time(duty.due, zone: true), left, late, past.compact.join(' · ')]
      end
    end

    # Why the limit is another one than was said before. The reason is the connector's, in the office's language.
    def moved
      return if panel.moved_from.nil? || panel.moved_why.empty?

      l(:text_sop_moved, old: plain(panel.moved_from, zone: true), why: panel.moved_why)
    end

    def notice
      if panel.stopped? then l(:text_sop_stopped)
      elsif panel.behind? then l(:text_sop_behind)
      elsif panel.mood == 'waiting' then waiting
      elsif panel.mood == 'intake' then l(:text_sop_intake)
      end
    end

    def move_note(move)
      case move.kind
      when 'return' then l(:text_sop_move_return)
      when 'resume' then l(:text_sop_move_resume)
      when 'withdraw' then l(:text_sop_move_withdraw)
      when 'reopen' then reopening(move)
      when 'register' then l(:text_sop_move_register)
      else move.label
      end
    end

    def progress
      [l(:label_sop_way), l(:text_sop_progress, done: panel.steps.count { |step| step.state == 'done' }, of: panel.steps.size)]
    end

    def state_of(step)
      STATES.include?(step.state) ? step.state : 'skipped'
    end

    # What a reader of the page hears, and what everybody reads where no time or name says it.
    def state_words(step)
      return l(:label_sop_state_waiting) if step.state == 'now' && panel.mood == 'waiting'

      l("label_sop_state_#{state_of(step)}")
    end

    # Who has a step and how long it may take; of a step that is over only who had it.
    def step_facts(step)
      open = %w[ahead again maybe].include?(step.state)
      kind = l("label_sop_#{step.kind}") if %w[milestone duty].include?(step.kind)
      every = l(:label_sop_every, time: limit(step.every)) if step.every
      [kind, roles(step.roles), every, (limit(step.limit) if open)].select(&:present?).join(' · ')
    end

    # Fields by the step they belong to, for the form: [title, ids]. Nothing is folded while the panel is behind, for what
    # matters now is not known.
    def groups
      return [] if panel.behind?

      @groups ||= panel.fields_by_step.map { |step, ids| [step ? "#{step.no}. #{step.title}" : l(:label_sop_no_step), ids] }
    end

    def foldable
      groups.flat_map(&:last)
    end

    # One line for each time it was with the requester, and one for what came of every stay: what, who, when.
    def visits(step)
      step.visits.flat_map { |visit| [*visit.pauses.map { |pause| paused(*pause) }, (left(visit) if visit.left)] }.compact
    end

    def roles(titles)
      return titles.first.to_s if titles.size < 2

      joined = " #{l(:label_sop_or)} "
      titles.to_sentence(words_connector: ', ', two_words_connector: joined, last_word_connector: ",#{joined}")
    end

    private

    # Looked up once: a long way says the same few words many times.
    def l(key, **values)
      @words[[key, values]] ||= values.empty? ? @view.l(key.to_sym) : @view.l(key.to_sym, values)
    end

    def present
      [[:label_sop_role, roles(panel.roles)], [:label_sop_limit, allowed], [:label_sop_since, time(panel.since)]]
    end

    def allowed
      return limit(panel.limit) unless panel.limit && panel.budget

      l(:text_sop_rest, limit: limit(panel.limit), time: working(panel.budget))
    end

    def past
      from, till = panel.received, panel.ended_at
      [[:label_sop_received, time(from)], [:label_sop_ended, time(till)], [:label_sop_took, (between(from, till) if from && till)]]
    end

    def left(visit)
      how = l("label_sop_#{visit.how}") if HOW.include?(visit.how)
      who = visit.user_id ? person(visit.user_id) : (l(:label_sop_requester) unless ALONE.include?(visit.how))
      words = [visit.outcome, how, who].select(&:present?).join(' · ')
      Line.new(words, plain(visit.left), visit.late)
    end

    def person(id)
      @people[id] ||= (panel.user(id) || User.anonymous).name
    end

    def paused(from, till)
      return unless from

      Line.new(till ? l(:text_sop_returned, from: plain(from), till: plain(till)) : l(:text_sop_returned_open, from: plain(from)))
    end

    def reopening(move)
      return l(:text_sop_move_reopen) unless move.until

      l(move.until < @now ? :text_sop_move_reopen_late : :text_sop_move_reopen_until, until: plain(move.until))
    end

    def waiting
      words = [l(:text_sop_waiting, since: plain(panel.paused_since))]
      minutes = panel.minutes_left
      words << (minutes.positive? ? l(:text_sop_minutes_left, time: working(minutes)) : l(:text_sop_was_late)) if minutes
      words << l(:text_sop_answer_by, time: plain(panel.answer_by, zone: true)) if panel.answer_by
      words.join(' ')
    end

    # Working time, which has no days: 7 hours or so are one.
    def working(minutes)
      hours, rest = minutes.divmod(60)
      [(l(:label_sop_unit_jam, count: hours) if hours.positive?),
       (l(:label_sop_unit_menit, count: rest) if rest.positive? || hours.zero?)].compact.join(' ')
    end

    def limit(limit)
      l("label_sop_unit_#{limit.unit}", count: limit.amount, default: "#{limit.amount} #{limit.unit}") if limit
    end

    def between(from, till)
      distance_of_time_in_words(from, till)
    end

    def time(value, zone: false)
      content_tag(:time, plain(value, zone: zone), datetime: value.iso8601) if value
    end

    def plain(value, zone: false)
      return '' unless value

      local = value.in_time_zone(time_zone)
      words = named? ? ::I18n.l(local, format: time_format) : local.strftime(time_format)
      zone ? "#{words} #{local.zone}" : words
    end

    # The reader's own if he chose one, else the office's.
    def time_zone
      @time_zone ||= User.current.time_zone || panel.zone || Time.zone
    end

    # Date and time as Redmine writes them, in one format.
    def time_format
      @time_format ||= [Setting.date_format.presence || ::I18n.t('date.formats.default'),
                        Setting.time_format.presence || ::I18n.t('time.formats.time')].join(' ')
    end

    # Whether the format has names of days or months, or am and pm, which only I18n knows.
    def named?
      return @named if defined?(@named)

      @named = time_format.match?(/%[\^-]?[aAbBpP]/)
    end
  end
end
