# frozen_string_literal: true

module RedmineSop
  # What is new since two ids. Both queries walk a primary key; deleted and moved issues are the sweep's business.
  class ChangeFeed
    def initialize(after_issue:, after_journal:, limit:)
      @after_issue = after_issue
      @after_journal = after_journal
      @limit = limit
    end

    def to_h
      issues = Access.issues.where('issues.id > ?', @after_issue).order(:id).limit(@limit + 1).pluck(:id)
      journals = journal_rows
      {
        issues: issues.first(@limit).map { |id| { id: id } },
        journals: journals.first(@limit).map { |id, issue_id| { id: id, issue_id: issue_id } },
        last_issue: issues.first(@limit).last || @after_issue,
        last_journal: journals.first(@limit).last&.first || @after_journal,
        more: issues.size > @limit || journals.size > @limit
      }
    end

    private

    def journal_rows
      Journal.where(journalized_type: 'Issue').where('journals.id > ?', @after_journal)
             .joins('INNER JOIN issues ON issues.id = journals.journalized_id').merge(Access.issues)
             .order('journals.id').limit(@limit + 1).pluck('journals.id', 'journals.journalized_id')
    end
  end
end
