# frozen_string_literal: true

module RedmineSop
  # All tickets that have a state, page by page: for the sweep, and for rebuilding the connector's database.
  class StateFeed
    # With `open` the open ones alone; with `closed_since` also those that were closed since then.
    def initialize(after:, limit:, open: false, closed_since: nil)
      @after = after
      @limit = limit
      @open = open
      @closed_since = closed_since
    end

    def to_h
      rows = scope.order(:issue_id).limit(@limit + 1).to_a
      page = rows.first(@limit)
      last = Journal.where(journalized_type: 'Issue', journalized_id: page.map(&:issue_id))
                    .group(:journalized_id).maximum(:id)
      roles = roles_of(page.map(&:issue))
      { states: page.map { |state| state_hash(state, last, roles) }, more: rows.size > @limit }
    end

    # Longer numbers are higher ones: "-1000000" comes after "-999999".
    def self.highest_number(prefix)
      pattern = "#{SopState.sanitize_sql_like(prefix, '!')}%"
      SopState.where("number LIKE ? ESCAPE '!'", pattern).order(Arel.sql('LENGTH(number) DESC'), number: :desc).pick(:number)
    end

    private

    def scope
      states = SopState.joins(issue: :status).preload(issue: %i[status assigned_to]).where('issue_id > ?', @after)
      states = states.where(issues: { project_id: Access.projects.select(:id) })
      return states unless @open

      open = states.where(issue_statuses: { is_closed: false })
      @closed_since ? open.or(states.where('issues.closed_on >= ?', @closed_since)) : open
    end

    def state_hash(state, last, roles)
      issue = state.issue
      { issue_id: issue.id, closed: issue.closed?, status_id: issue.status_id, subject: issue.subject,
        assigned_to: assignee(issue, roles), last_journal: last[issue.id] || 0 }.merge(state.to_api)
    end

    def assignee(issue, roles)
      principal = issue.assigned_to
      principal && { id: principal.id, name: principal.name, type: principal.is_a?(Group) ? 'Group' : 'User',
                     roles: roles[[issue.project_id, principal.id]] }
    end

    # Role ids of the people and groups who have these issues, by project and principal: one query.
    def roles_of(issues)
      people = issues.map(&:assigned_to_id).compact.uniq
      rows = MemberRole.joins(:member).where(members: { project_id: issues.map(&:project_id).uniq, user_id: people })
      found = Hash.new { [] }
      rows.distinct.pluck('members.project_id', 'members.user_id', :role_id).sort
          .each { |project, person, role| found[[project, person]] += [role] }
      found
    end
  end
end
