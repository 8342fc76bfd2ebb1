# frozen_string_literal: true

module RedmineSop
  # Redmine 7 and later send webhooks themselves; here their record is kept as ours would be. Nothing to do before 7.
  module BuiltinWebhook
    EVENTS = %w[issue.created issue.updated issue.deleted].freeze

    class << self
      def enable(user, settings)
        return unless RedmineSop.builtin_webhooks?

        Setting.webhooks_enabled = '1'
        return if settings['webhook_url'].blank?

        hook = ::Webhook.find_or_initialize_by(user_id: user.id)
        hook.assign_attributes(url: settings['webhook_url'], secret: settings['webhook_secret'], active: true,
                               events: EVENTS)
        save(hook)
      end

      # A hook belongs to projects, and keeps only those where its owner may use webhooks: after an apply all of ours.
      def cover_projects
        return unless RedmineSop.builtin_webhooks?

        user = User.find_by_login(Setup::LOGIN)
        hook = user && ::Webhook.find_by(user_id: user.id)
        save(hook) if hook
      end

      # Whether Redmine's own sender would send at all; null before 7. What it sends cannot be tried from here.
      def state
        return unless RedmineSop.builtin_webhooks?

        hook = ::Webhook.find_by(user_id: User.find_by_login(Setup::LOGIN)&.id)
        { enabled: Setting.webhooks_enabled.to_s == '1', active: hook&.active || false, url: hook&.url }
      end

      private

      def save(hook)
        hook.projects = Project.where(id: SopObject.refs('project')).to_a
        return if hook.save

        # Redmine 7 refuses loopback and link-local addresses. The connector's poll sees everything all the same.
        Rails.logger.warn("redmine_sop: webhook record not saved: #{hook.errors.full_messages.join('; ')}")
      end
    end
  end
end
