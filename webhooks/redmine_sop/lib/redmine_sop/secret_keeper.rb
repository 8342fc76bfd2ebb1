# frozen_string_literal: true

module RedmineSop
  # Redmine rewrites a plugin's settings whole from its form. The form does not show the secret, so one that comes back
  # empty means "as it is".
  module SecretKeeper
    SETTING = 'plugin_redmine_sop'

    def self.included(base)
      base.before_save :keep_sop_webhook_secret, if: -> { name == SETTING }
    end

    private

    def keep_sop_webhook_secret
      given = value.to_h.stringify_keys
      return if given['webhook_secret'].present?

      secret = Setting.find_by(name: SETTING)&.value.to_h.stringify_keys['webhook_secret']
      self.value = given.merge('webhook_secret' => secret) if secret.present?
    end
  end
end
