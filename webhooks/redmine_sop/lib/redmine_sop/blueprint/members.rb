# frozen_string_literal: true

module RedmineSop
  class Blueprint
    # Memberships of our own groups, exactly; of the logins the blueprint names; of nobody else.
    class Members
      KEYS = %w[group login roles].freeze

      def initialize(context, **)
        @context = context
      end

      def call
        @context.section('projects').each { |entry| sync(entry) }
      end

      private

      def sync(entry)
        return unless entry.key?('members')

        project = Project.find(@context.id(entry['key']))
        wanted = entry['members'].to_h { |member| [principal(member), @context.ids(Array(member['roles'])).sort] }
        wanted.each { |principal, roles| set(entry, project, principal, roles) }
        (our_groups - wanted.keys).each { |group| set(entry, project, group, []) }
      end

      def principal(member)
        RequestBody.new(member, KEYS)
        return Group.find(@context.id(member['group'])) if member['group']

        User.find_by_login(member['login'].to_s) ||
          raise(Refused, RedmineSop.say('unknown_login', login: member['login'].inspect))
      end

      def our_groups
        Group.where(id: SopObject.refs('group')).to_a
      end

      def set(entry, project, principal, roles)
        member = Member.find_by(project_id: project.id, user_id: principal.id)
        has = member ? member.member_roles.reject(&:inherited?).map(&:role_id).uniq.sort : []
        return if has == roles

        write(project, principal, member, roles)
        action = { [true, false] => 'create', [false, true] => 'delete' }.fetch([has.empty?, roles.empty?], 'update')
        changes = { 'roles' => [names(has), names(roles)] }
        @context.report(action, 'member', entry['key'], "#{project.name}: #{principal.name}", changes)
      end

      def write(project, principal, member, roles)
        if roles.empty?
          member.member_roles.reject(&:inherited?).each(&:destroy)
        else
          member ||= Member.new(project: project, principal: principal)
          member.role_ids = roles
          member.save!
        end
      end

      def names(roles)
        Role.where(id: roles).map(&:name).sort
      end
    end
  end
end
