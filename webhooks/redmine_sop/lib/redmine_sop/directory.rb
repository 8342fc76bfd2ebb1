# frozen_string_literal: true

module RedmineSop
  # Who has which role in a project, with addresses: Redmine's own REST shows them to administrators only.
  class Directory
    def initialize(project)
      @project = project
    end

    # A member of a group has a membership of his own with the inherited roles, so groups need no resolving here.
    def to_h
      roles = Hash.new { |hash, role| hash[role] = [] }
      members.each do |member|
        member.member_roles.map(&:role_id).uniq.each { |role| roles[role] << person(member.principal) }
      end
      roles.sort.to_h.transform_values { |people| people.sort_by { |one| one[:id] } }
    end

    private

    def members
      users = User.active.select(:id)
      Member.where(project_id: @project.id, user_id: users).preload(:member_roles, principal: %i[email_address groups])
    end

    def person(user)
      { id: user.id, login: user.login, name: user.name, mail: user.mail, groups: user.group_ids.sort }
    end
  end
end
