# frozen_string_literal: true

module RedmineSop
  # Included in Issue: the state of a deleted issue is deleted too.
  module StateOwner
    def self.included(base)
      base.after_destroy { SopState.where(issue_id: id).delete_all }
    end
  end
end
