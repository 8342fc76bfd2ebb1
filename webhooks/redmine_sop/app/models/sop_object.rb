# frozen_string_literal: true

# One of Redmine's objects that a blueprint made or adopted, under a key that stays when its name changes.
class SopObject < ActiveRecord::Base
  validates :kind, :key, :ref_id, presence: true

  class << self
    def tracker?(id)
      id.present? && exists?(kind: 'tracker', ref_id: id)
    end

    def ref(kind, key)
      where(kind: kind, key: key).pick(:ref_id)
    end

    # A relation usable inside a larger query.
    def refs(kind)
      where(kind: kind).select(:ref_id)
    end

    def ids_by_key
      order(:key).pluck(:key, :ref_id).to_h
    end

    def connector_role_id
      ref('role', RedmineSop::CONNECTOR_ROLE)
    end
  end
end
