# frozen_string_literal: true

module RedmineSop
  # What the calling user may see through this API.
  module Access
    module_function

    def projects(user = User.current)
      Project.where(Project.allowed_to_condition(user, :use_sop_connector))
    end

    # SOP issues in those projects; anything else does not exist for the caller.
    def issues(user = User.current)
      Issue.where(tracker_id: SopObject.refs('tracker')).where(project_id: projects(user).select(:id))
    end

    def issue(id)
      issues.find(id)
    end
  end
end
