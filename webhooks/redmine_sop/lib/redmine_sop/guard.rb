# frozen_string_literal: true

module RedmineSop
  # Redmine asks its field rules at the status an issue moves *to*, so whoever moves could also change what was read-only
  # for him until then: a signature written in somebody else's name. Two rules close that, for everyone but the connector:
  # * a move does not change a field that is read-only for the user at the old status;
  # * what was required to enter the current status, and is there, stays as it is while the issue stays.
  # And who moves a ticket to another tracker says why, and loses no file by it.
  module Guard
    def self.included(base)
      base.validate :sop_evidence_is_kept, :sop_transfer_has_reason, on: :update
      base.before_update :sop_keep_files_of_the_tracker
    end

    private

    def sop_evidence_is_kept
      user = current_journal&.user
      return unless user && SopObject.tracker?(tracker_id) && !sop_connector?(user)

      before = Issue.find(id) # as stored, with the rules of the status it is in
      moves = before.status_id != status_id
      locked = moves ? before.read_only_attribute_names(user) : before.required_attribute_names(user)
      locked.each do |name|
        field, old, new = sop_field(before, name)
        next if old == new || (!moves && old.blank?)

        errors.add(:base, l(moves ? :error_sop_readonly_before_move : :error_sop_evidence_locked, field: field))
      end
    end

    def sop_transfer_has_reason
      user = current_journal&.user
      return unless user && sop_transferred? && current_journal.notes.blank? && !sop_connector?(user)

      errors.add(:base, l(:error_sop_transfer_needs_reason))
    end

    def sop_transferred?
      tracker_id_changed? && SopObject.tracker?(tracker_id_was)
    end

    # Redmine drops the values of fields that the new tracker does not have. Its history has them, but the files would be lost.
    def sop_keep_files_of_the_tracker
      return unless sop_transferred?

      lost = CustomValue.where(customized_type: 'Issue', customized_id: id).where.not(custom_field_id: available_custom_fields.map(&:id))
      Attachment.where(container_type: 'CustomValue', container_id: lost.pluck(:id)).each { |file| file.update!(container: self) }
    end

    def sop_connector?(user)
      role = SopObject.connector_role_id
      role && user.roles_for_project(project).any? { |one| one.id == role }
    end

    # A field's name, old and new value; fields that Redmine itself derives count as unchanged.
    def sop_field(before, name)
      if name.match?(/\A\d+\z/)
        values = [before, self].map { |issue| issue.custom_field_values.detect { |v| v.custom_field_id == name.to_i } }
        return [name, nil, nil] if values.any?(&:nil?) # the new tracker does not have it

        [values.first.custom_field.name, *values.map { |value| value && Snapshot.field_value(value) }]
      elsif respond_to?(name) && !disabled_core_fields.include?(name) && !sop_derived?(name)
        [l("field_#{name.delete_suffix('_id')}"), before.public_send(name).presence, public_send(name).presence]
      else
        [name, nil, nil]
      end
    end

    def sop_derived?(name)
      name == 'done_ratio' && Issue.use_status_for_done_ratio?
    end
  end
end
