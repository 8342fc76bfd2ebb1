# frozen_string_literal: true

module RedmineSop
  class Blueprint
    class Statuses < Stage
      SECTION = 'statuses'
      KIND = 'status'
      MODEL = IssueStatus
      KEYS = %w[key name is_closed].freeze
      ATTRIBUTES = %w[name is_closed].freeze
    end
  end
end
