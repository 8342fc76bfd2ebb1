# frozen_string_literal: true

module RedmineSop
  # A procedure that loses a status takes its workflow away, and what still stands there could never leave: Redmine knows no
  # way out. The connector may then move the issue to any status of its tracker. Prepended to Issue.
  module WayOut
    def new_statuses_allowed_to(user = User.current, include_default = false)
      found = super
      return found if (found - [default_status]).any? || new_record? || !SopObject.tracker?(tracker_id)
      return found unless sop_connector?(user)

      ways = WorkflowTransition.where(tracker_id: tracker_id, old_status_id: status_id_was)
      ways.exists? ? found : (tracker.issue_statuses.to_a | [status_was].compact).sort
    end
  end
end
