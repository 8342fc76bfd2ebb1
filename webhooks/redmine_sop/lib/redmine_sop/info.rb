# frozen_string_literal: true

module RedmineSop
  class Info
    def initialize(user)
      @user = user
    end

    def to_h
      {
        plugin: VERSION, redmine: Redmine::VERSION.to_a.first(3).join('.'),
        user: { id: @user.id, login: @user.login, admin: @user.admin? },
        keys: SopObject.ids_by_key,
        projects: projects.transform_values { |project| { id: project.id, identifier: project.identifier } },
        text_formatting: Setting.text_formatting, attachment_max_size: Setting.attachment_max_size.to_i.kilobytes,
        builtin_webhooks: RedmineSop.builtin_webhooks?,
        permissions: projects.transform_values { |project| permissions(project) }
      }
    end

    private

    def projects
      @projects ||= SopObject.where(kind: 'project').order(:key).filter_map do |object|
        project = Project.find_by(id: object.ref_id)
        [object.key, project] if project
      end.to_h
    end

    # Asked of Redmine one by one, so disabled modules and closed projects count.
    def permissions(project)
      names = Redmine::AccessControl.permissions.reject(&:public?).map(&:name)
      names.select { |name| @user.allowed_to?(name, project) }.sort
    end
  end
end
