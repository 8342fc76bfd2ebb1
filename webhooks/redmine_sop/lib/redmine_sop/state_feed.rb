# frozen_string_literal: true

module RedmineSop
  # All tickets that have a state, page by page: for the sweep, and for rebuilding the connector's database.
  class StateFeed
    def initialize(after:, limit:, open: false)
      @after = after
      @limit = limit
      @open = open
    end

    def to_h
      rows = scope.order(:issue_id).limit(@limit + 1).to_a
      page = rows.first(@limit)
      last = Journal.where(journalized_type: 'Issue', journalized_id: page.map(&:issue_id))
                    .group(:journalized_id).maximum(:id)
      { states: page.map { |state| state_hash(state, last) }, more: rows.size > @limit }
    end

    # Longer numbers are higher ones: "-1000000" comes after "-999999".
    def self.highest_number(prefix)
      pattern = "#{SopState.sanitize_sql_like(prefix, '!')}%"
      SopState.where("number LIKE ? ESCAPE '!'", pattern).order(Arel.sql('LENGTH(number) DESC'), number: :desc).pick(:number)
    end

    private

    def scope
      states = SopState.joins(issue: :status).preload(issue: :status).where('issue_id > ?', @after)
      states = states.where(issues: { project_id: Access.projects.select(:id) })
      @open ? states.where(issue_statuses: { is_closed: false }) : states
    end

    def state_hash(state, last)
      { issue_id: state.issue_id, closed: state.issue.closed?, status_id: state.issue.status_id,
        last_journal: last[state.issue_id] || 0 }.merge(state.to_api)
    end
  end
end
