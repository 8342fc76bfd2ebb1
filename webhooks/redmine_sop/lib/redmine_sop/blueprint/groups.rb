# frozen_string_literal: true

module RedmineSop
  class Blueprint
    # Who belongs to a group is the administrator's business.
    class Groups < Stage
      SECTION = 'groups'
      KIND = 'group'
      MODEL = Group
      KEYS = %w[key name].freeze
      ATTRIBUTES = %w[name].freeze

      private

      def namesake(entry)
        Group.givable.named(entry['name']).first
      end

      def name_column
        'lastname'
      end
    end
  end
end
