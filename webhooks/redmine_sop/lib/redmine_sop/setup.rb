# frozen_string_literal: true

module RedmineSop
  # `rake redmine:sop:setup`: what must be there before a blueprint can be applied. Done again it changes nothing.
  class Setup
    LOGIN = 'sop-connector'
    ROLE = 'Konektor SOP'
    # Least privilege; without set_notes_private Redmine stores a private note as a public one and says nothing.
    PERMISSIONS = %i[view_issues add_issues edit_issues add_issue_notes set_notes_private view_private_notes
                     use_sop_connector].freeze

    def initialize(webhook_url: nil)
      @webhook_url = webhook_url
    end

    def call
      User.transaction do
        Setting.rest_api_enabled = '1'
        role
        BuiltinWebhook.enable(user, webhook)
        { api_key: user.api_key, webhook_secret: webhook['webhook_secret'], user: LOGIN, role: role.name }
      end
    ensure
      Setting.clear_cache
    end

    private

    def role
      @role ||= begin
        tracked = SopObject.find_or_initialize_by(kind: 'role', key: CONNECTOR_ROLE)
        role = Role.find_by(id: tracked.ref_id) || Role.givable.find_by(name: ROLE) || Role.new(name: ROLE)
        role.update!(permissions: wanted_permissions, issues_visibility: 'all', assignable: false)
        tracked.update!(ref_id: role.id)
        role
      end
    end

    def wanted_permissions
      RedmineSop.builtin_webhooks? ? PERMISSIONS + [:use_webhooks] : PERMISSIONS
    end

    def user
      @user ||= begin
        user = User.find_by_login(LOGIN) || new_user
        user.admin = false
        user.save!
        user
      end
    end

    def new_user
      password = SecureRandom.base64(30)
      User.new(firstname: 'Konektor', lastname: 'SOP', mail: "#{LOGIN}@example.invalid", language: 'id',
               mail_notification: 'none', status: User::STATUS_ACTIVE).tap do |user|
        user.login = LOGIN
        user.password = user.password_confirmation = password
        user.must_change_passwd = false
      end
    end

    def webhook
      @webhook ||= begin
        settings = Setting.plugin_redmine_sop.to_h.stringify_keys
        settings['webhook_url'] = @webhook_url if @webhook_url.present?
        settings['webhook_secret'] = SecureRandom.hex(32) if settings['webhook_secret'].blank?
        Setting.plugin_redmine_sop = settings
        settings
      end
    end
  end
end
