# frozen_string_literal: true

module RedmineSop
  # What is deleted in Redmine is no longer ours. SQLite gives a freed id to the next object, which would be taken for ours.
  module Forgetting
    def self.into(kind, model)
      return if model.include?(self)

      model.include(self)
      model.after_destroy { SopObject.where(kind: kind, ref_id: id).delete_all }
    end
  end
end
