# frozen_string_literal: true

# What the connector needs inside Redmine. No SOP logic: that is the connector's.
# The API is written down in docs/plugin-api.md of the project.
module RedmineSop
  VERSION = '0.1.0'
  CONNECTOR_ROLE = 'role:connector'

  class Error < StandardError
    def messages
      Array(@messages || message)
    end

    def initialize(messages = nil)
      @messages = messages
      super(Array(messages).join('; '))
    end
  end

  # The request's body is not what the API asks for: 400.
  class Malformed < Error; end

  # Somebody was faster: 409. Nothing was written; the caller plans again.
  class Conflict < Error; end

  # Redmine did not take what was asked: 422. Nothing was written.
  class Refused < Error; end

  class << self
    # `to_prepare` in a plugin's init.rb never fires (init.rb already runs in one), so Redmine is extended directly.
    def extend_redmine
      Issue.include(StateOwner) unless Issue.include?(StateOwner)
      Issue.include(Guard) unless Issue.include?(Guard)
      Issue.include(Sender::IssueEvents) unless Issue.include?(Sender::IssueEvents)
      Issue.prepend(WayOut) unless Issue.include?(WayOut)
      Issue.prepend(Quiet::Notifications) unless Issue.include?(Quiet::Notifications)
      Journal.prepend(Quiet::Notifications) unless Journal.include?(Quiet::Notifications)
      Journal.include(Sender::JournalEvents) unless Journal.include?(Sender::JournalEvents)
      Issue.include(MailOrigin::Owner) unless Issue.include?(MailOrigin::Owner)
      MailHandler.prepend(MailOrigin::Handler) unless MailHandler.include?(MailOrigin::Handler)
      Setting.include(SecretKeeper) unless Setting.include?(SecretKeeper)
      format = Redmine::FieldFormat::AttachmentFormat
      format.prepend(EvidenceKeeper) unless format.include?(EvidenceKeeper)
      Blueprint::MODELS.each { |kind, model| Forgetting.into(kind, model) }
      PageHooks # naming it registers it
    end

    # Redmine has webhooks of its own since 7.0. Asked by the permission: an older plugin also has a class `Webhook`.
    def builtin_webhooks?
      Redmine::AccessControl.permission(:use_webhooks).present?
    end

    # Messages of the API are Indonesian, whatever the caller's language.
    def say(key, **values)
      ::I18n.t("redmine_sop.#{key}", locale: :id, **values)
    end

    def time(value)
      value&.utc&.iso8601
    end
  end
end
