# frozen_string_literal: true

module RedmineSop
  # One conditional transaction: what was seen is still so, or nothing is written.
  class Commit
    KEYS = %w[expected_journal expected_version changes field_files uploads notes private_notes notify state].freeze

    def initialize(issue_id, body)
      request = RequestBody.new(body, KEYS)
      @issue_id = issue_id
      @expected_journal = request.integer('expected_journal')
      @expected_version = request.integer('expected_version')
      changes = request.hash('changes')
      @wishes = Wishes.new(core: changes.except('custom_fields'), fields: changes['custom_fields'] || {},
                           field_files: request.hashes('field_files'), uploads: request.hashes('uploads'))
      @notes = request.text('notes').presence
      @private_notes = request.flag('private_notes')
      @notify = request.flag('notify')
      @state = body['state'] && StateWish.new(request.hash('state'))
    end

    def call
      Quiet.during(mails: @notify) do
        Issue.transaction(requires_new: true) do
          WriteLock.take(Issue, @issue_id)
          perform(Issue.find(@issue_id))
        end
      end
    end

    private

    def perform(issue)
      state = SopState.find_by(issue_id: issue.id) || SopState.new(issue_id: issue.id)
      compare(issue, state)
      @state&.check_number(issue.id)
      save(issue)
      issue = Issue.find(issue.id) # as it is now, without anything the objects above remember
      verify(issue)
      last = issue.last_journal_id.to_i
      @state&.store(state, cursor: last)
      Snapshot.new(issue).to_h.merge(journal: last == @expected_journal ? nil : last)
    end

    def compare(issue, state)
      last = issue.last_journal_id.to_i
      return if last == @expected_journal && state.version == @expected_version

      raise Conflict, RedmineSop.say('conflict_seen', journal: last, version: state.version)
    end

    # Nothing to change, no note: not saved at all, for saving alone would move `updated_on`.
    def save(issue)
      issue.init_journal(User.current)
      changed = @wishes.set_on(issue)
      return unless changed || @notes

      issue.safe_attributes = { 'notes' => @notes, 'private_notes' => @private_notes ? '1' : '0' } if @notes
      raise Refused, issue.errors.full_messages unless issue.save
    end

    def verify(issue)
      @wishes.verify(issue)
      return unless @notes

      note = issue.journals.reorder(id: :desc).first
      written = note && note.id > @expected_journal && note.notes.to_s.gsub("\r\n", "\n") == @notes.gsub("\r\n", "\n")
      raise Refused, RedmineSop.say('note_not_taken') unless written
      # Without its permission Redmine stores a private note as a public one and says nothing.
      raise Refused, RedmineSop.say('note_not_private') if @private_notes != note.private_notes
    end
  end
end
