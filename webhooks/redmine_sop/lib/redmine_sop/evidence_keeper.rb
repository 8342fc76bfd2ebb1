# frozen_string_literal: true

module RedmineSop
  # Redmine deletes the old file when a file field gets another one or is cleared. On a SOP issue it stays: as an ordinary
  # attachment of the issue. Prepended to AttachmentFormat, whose method is replaced there, for it ends by deleting.
  module EvidenceKeeper
    def after_save_custom_value(custom_field, custom_value)
      issue = custom_value.customized
      return super unless issue.is_a?(Issue) && SopObject.tracker?(issue.tracker_id)
      return unless custom_value.saved_change_to_value?

      keep(custom_value.value_before_last_save, custom_field, issue)
      find(custom_value.value)&.update!(container: custom_value)
    end

    private

    def keep(id, custom_field, issue)
      attachment = find(id)
      return unless attachment

      description = attachment.description.presence || RedmineSop.say('kept_file', field: custom_field.name).first(255)
      attachment.update!(container: issue, description: description)
    end

    def find(id)
      Attachment.find_by(id: id) if id.present?
    end
  end
end
