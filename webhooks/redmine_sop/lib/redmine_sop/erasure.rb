# frozen_string_literal: true

module RedmineSop
  # Overwrites what an issue says of a person, in its history too, in one transaction and without a trace of the old words.
  # What is overwritten with what is decided by the connector. Redmine's own setters are passed by: each would write the old
  # value into another journal.
  class Erasure
    KEYS = %w[expected_journal expected_version texts fields notes details files delete_files forget_sender note state].freeze
    TEXTS = %w[subject description].freeze
    FILE_TEXTS = %w[filename description].freeze

    def initialize(issue_id, body)
      request = RequestBody.new(body, KEYS)
      @issue_id = issue_id
      @expected = { journal: request.integer('expected_journal'), version: request.integer('expected_version') }
      @texts = checked('texts', request.hash('texts')) { |name, text| TEXTS.include?(name) && text.is_a?(String) }
      @fields = checked('fields', request.hash('fields')) { |id, text| id.match?(/\A\d+\z/) && text?(text) }
      @notes = checked('notes', request.hash('notes')) { |id, text| id.match?(/\A\d+\z/) && text.is_a?(String) }
      @details = checked('details', request.hash('details')) do |id, pair|
        id.match?(/\A\d+\z/) && pair.is_a?(Array) && pair.size == 2 && pair.all? { |text| text?(text) }
      end
      @files = checked('files', request.hash('files')) { |id, said| id.match?(/\A\d+\z/) && file?(said) }
      @gone = body['delete_files'] || []
      raise_type('delete_files') unless @gone.is_a?(Array) && @gone.all?(Integer)
      @forget_sender = request.flag('forget_sender')
      @note = request.text('note')
      @state = request.hash('state')
      raise_type('note') if @note.blank?
      raise_type('state') if @state.empty?
    end

    def call
      Quiet.during(mails: false) do
        Issue.transaction(requires_new: true) do
          WriteLock.take(Issue, @issue_id)
          perform(Issue.find(@issue_id))
        end
      end
    end

    private

    def perform(issue)
      state = SopState.find_by!(issue_id: issue.id)
      compare(issue, state)
      overwrite_issue(issue)
      overwrite_history(issue)
      overwrite_files(issue)
      SopSender.where(issue_id: issue.id).delete_all if @forget_sender
      # one who has the form open would write the old values back
      Issue.where(id: issue.id).update_all('lock_version = lock_version + 1')
      said = Journal.new(journalized: Issue.find(issue.id), user: User.current, notes: @note, private_notes: true)
      said.notify = false
      said.save!
      state.update!(data: @state, cursor: said.id, version: state.version + 1)
      Snapshot.new(Issue.find(issue.id)).to_h
    end

    def compare(issue, state)
      seen = { journal: issue.last_journal_id.to_i, version: state.version }
      raise Conflict, RedmineSop.say('conflict_seen', **seen) unless seen == @expected
    end

    def overwrite_issue(issue)
      Issue.where(id: issue.id).update_all(@texts) if @texts.any?
      @fields.each do |field_id, text|
        rows = CustomValue.where(customized_type: 'Issue', customized_id: issue.id, custom_field_id: field_id.to_i)
        first = rows.order(:id).first
        rows.where.not(id: first&.id).delete_all
        first&.update_columns(value: text)
      end
    end

    def overwrite_history(issue)
      journals = Journal.where(journalized_type: 'Issue', journalized_id: issue.id)
      mine(journals, @notes.keys, 'notes').each { |each| each.update_columns(notes: @notes[each.id.to_s]) }
      details = JournalDetail.where(journal_id: journals.select(:id))
      mine(details, @details.keys, 'details').each do |each|
        old, new = @details[each.id.to_s]
        each.update_columns(old_value: old, value: new)
      end
    end

    def overwrite_files(issue)
      values = CustomValue.where(customized_type: 'Issue', customized_id: issue.id).select(:id)
      own = Attachment.where(container_type: 'Issue', container_id: issue.id)
                      .or(Attachment.where(container_type: 'CustomValue', container_id: values))
      mine(own, @files.keys, 'files').each { |each| each.update_columns(@files[each.id.to_s]) }
      mine(own, @gone, 'delete_files').each(&:destroy!)
    end

    # Every one that is named belongs to this issue, or nothing is written.
    def mine(scope, ids, name)
      found = scope.where(id: ids.map(&:to_i)).to_a
      raise Refused, RedmineSop.say('not_of_issue', name: name) unless found.size == ids.uniq.size

      found
    end

    def checked(name, given)
      raise_type(name) unless given.all? { |key, value| yield(key, value) }
      given
    end

    def text?(value)
      value.nil? || value.is_a?(String)
    end

    def file?(said)
      said.is_a?(Hash) && (said.keys - FILE_TEXTS).empty? && said.values.all?(String)
    end

    def raise_type(name)
      raise Malformed, RedmineSop.say('wrong_type', name: name, type: 'as in docs/plugin-api.md')
    end
  end
end
