# frozen_string_literal: true

module RedmineSop
  # What the connector left in a ticket's state for its page (docs/plugin-api.md, «panel»), beside what is so at this moment.
  # Nothing in it is trusted to have the right shape: it may come from an older connector.
  class Panel
    FORMAT = 1
    Need = Struct.new(:field, :condition)
    Move = Struct.new(:kind, :status, :label, :needs, :until)
    Visit = Struct.new(:left, :outcome, :how, :user_id, :late, :pauses)
    Step = Struct.new(:no, :title, :kind, :state, :roles, :limit, :every, :fields, :visits)
    Limit = Struct.new(:amount, :unit)
    Duty = Struct.new(:title, :due, :last, :missed)

    # The panel of an issue; nil on other trackers, without a state, or when its state is of another format.
    def self.of(issue)
      state = SopState.find_by(issue_id: issue.id) if issue.persisted?
      data = state && state.data
      body = data['panel'] if data.is_a?(Hash)
      return unless body.is_a?(Hash) && body['format'] == FORMAT

      panel = new(issue, state.number, body)
      panel if panel.of_tracker?
    end

    attr_reader :issue, :number

    def initialize(issue, number, body)
      @issue = issue
      @number = number
      @body = body
    end

    # Asked of the issue as it is now: it may have been moved to another tracker, and keeps its state.
    def of_tracker?
      ids[text(@body['tracker'])] == issue.tracker_id
    end

    def title
      text(@body['title'])
    end

    def mood
      text(@body['mood'])
    end

    def zone
      ActiveSupport::TimeZone[text(@body['zone']).presence || 'UTC']
    end

    def stopped?
      @body['stopped'] == true
    end

    # The ticket was moved and the connector has not looked at it yet. In a form the issue may have a chosen status that is
    # not saved.
    def behind?
      ids[text(@body['status'])] != issue.status_id_in_database
    end

    def received
      instant(@body['received'])
    end

    # `no`, `of`, `title`, `about` of where the ticket stands.
    def here(name)
      text(now[name])
    end

    def roles
      texts(now['roles'])
    end

    def since
      instant(now['since'])
    end

    def due
      instant(now['due'])
    end

    def limit
      limit_of(now['limit'])
    end

    # The working minutes that an earlier stay in the step left, where these are given instead of the whole limit.
    def budget
      now['budget'] if now['budget'].is_a?(Integer)
    end

    # From where a changed calendar moved the limit, and why.
    def moved_from
      instant(map(now['moved'])['old'])
    end

    def moved_why
      text(map(now['moved'])['why'])
    end

    # Since when the clock stands still, and the working minutes that were left.
    def paused_since
      instant(map(now['paused'])['since'])
    end

    def minutes_left
      minutes = map(now['paused'])['minutes']
      minutes if minutes.is_a?(Integer)
    end

    # What comes round while the ticket is in this step.
    def duties
      maps(now['duties']).map do |duty|
        missed = duty['missed'] if duty['missed'].is_a?(Integer)
        Duty.new(text(duty['title']), instant(duty['due']), instant(duty['last']), missed)
      end
    end

    def answer_by
      instant(map(now['paused'])['answer_by'])
    end

    def end_title
      text(map(@body['end'])['title'])
    end

    def ended_at
      instant(map(@body['end'])['at'])
    end

    def success?
      map(@body['end'])['success'] == true
    end

    # Whether the step is this person's, by his roles in the project.
    def turn_of?(user)
      mine = user.roles_for_project(issue.project).map(&:id)
      mood == 'step' && texts(now['role_keys']).any? { |key| mine.include?(ids[key]) }
    end

    def moves
      @moves ||= maps(@body['moves']).map do |move|
        needs = maps(move['needs']).map { |need| Need.new(text(need['field']), map(need['when'])) }
        Move.new(text(move['kind']), text(move['status']), text(move['label']), needs,
                 instant(move['until']))
      end
    end

    def steps
      @steps ||= maps(@body['steps']).map do |step|
        Step.new(text(step['no']), text(step['title']), text(step['kind']), text(step['state']), texts(step['roles']),
                 limit_of(step['limit']), limit_of(step['every']), texts(step['fields']),
                 maps(step['visits']).map { |visit| visit_of(visit) })
      end
    end

    # Names of the fields that a move needs and that are empty now.
    def missing(move)
      wanted = move.needs.select { |need| need.condition.all? { |key, value| value_of(key) == value } }
      wanted.map(&:field).uniq.filter_map { |key| values[ids[key]]&.custom_field&.name if value_of(key).blank? }
    end

    def user(id)
      @users ||= User.where(id: steps.flat_map(&:visits).filter_map(&:user_id).uniq).index_by(&:id)
      @users[id]
    end

    # Ids of the custom fields that matter now.
    def fields_here
      ids_of(texts(@body['here']))
    end

    # Those of every step, and last those of none: [[step, ids], …, [nil, ids]].
    def fields_by_step
      [*steps.map { |step| [step, ids_of(step.fields)] }, [nil, ids_of(texts(@body['others']))]]
    end

    private

    def ids_of(keys)
      ids.values_at(*keys).compact
    end

    def now
      map(@body['now'])
    end

    def visit_of(visit)
      pauses = maps(visit['pauses']).map { |pause| [instant(pause['since']), instant(pause['until'])] }
      by = visit['by'] if visit['by'].is_a?(Integer)
      Visit.new(instant(visit['left']), text(visit['outcome']), text(visit['how']), by,
                visit['late'] == true, pauses)
    end

    # Every key in the panel with Redmine's id: one query, and as plain as can be, for Rails takes longer over a hundred of
    # them than the database.
    def ids
      @ids ||= begin
        database = SopObject.connection
        wanted = SopObject.where("#{database.quote_column_name('key')} IN (?)", keys.uniq).select(:key, :ref_id)
        database.select_rows(wanted.to_sql).to_h { |key, id| [key, id.to_i] }
      end
    end

    def keys
      needed = moves.flat_map(&:needs).flat_map { |need| [need.field, *need.condition.keys] }
      [text(@body['tracker']), text(@body['status']), *texts(now['role_keys']), *texts(@body['here']), *texts(@body['others']), *needed, *steps.flat_map(&:fields)]
    end

    def values
      @values ||= issue.custom_field_values.index_by(&:custom_field_id)
    end

    def value_of(key)
      Array(values[ids[key]]&.value).map(&:to_s).reject(&:blank?).join(', ')
    end

    def limit_of(value)
      limit = map(value)
      Limit.new(limit['amount'], text(limit['unit'])) if limit['amount'].is_a?(Integer)
    end

    # Unix seconds; what no calendar has is none.
    def instant(value)
      Time.at(value) if value.is_a?(Integer) && value.between?(0, 1 << 40)
    end

    def text(value)
      value.is_a?(String) ? value : ''
    end

    def map(value)
      value.is_a?(Hash) ? value : {}
    end

    def list(value)
      value.is_a?(Array) ? value : []
    end

    def maps(value)
      list(value).grep(Hash)
    end

    def texts(value)
      list(value).grep(String)
    end
  end
end
