# frozen_string_literal: true

module RedmineSop
  class Blueprint
    class Roles < Stage
      SECTION = 'roles'
      KIND = 'role'
      MODEL = Role
      KEYS = %w[key name permissions issues_visibility assignable].freeze
      ATTRIBUTES = %w[name permissions issues_visibility assignable].freeze

      private

      def namesake(entry)
        Role.givable.find_by(name: entry['name'])
      end

      def desired(entry, _object)
        wanted = super
        wanted['permissions'] = known(entry) if wanted.key?('permissions')
        wanted
      end

      def current(object)
        super.merge('permissions' => Array(object.permissions).map(&:to_s).sort)
      end

      def known(entry)
        names = Array(entry['permissions']).map(&:to_s).uniq.sort
        unknown = names.reject { |name| Redmine::AccessControl.permission(name.to_sym) }
        raise Refused, RedmineSop.say('unknown_permission', role: entry['name'], names: unknown.join(', ')) if unknown.any?

        names
      end
    end
  end
end
