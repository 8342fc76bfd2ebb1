# frozen_string_literal: true

module RedmineSop
  class Blueprint
    # A row here: tracker, status, field name as in the workflow table, rule, role.
    class Rules < WorkflowRows
      SECTION = 'rules'
      KIND = 'rule'
      KEYS = %w[tracker status field rule roles].freeze

      private

      def rows(entry)
        RequestBody.new(entry, KEYS)
        unless %w[required readonly].include?(entry['rule'])
          raise Malformed, RedmineSop.say('wrong_type', name: 'rule', type: 'required, readonly')
        end

        head = [tracker(entry['tracker']), @context.id(entry['status']), field_name(entry['field']), entry['rule']]
        @context.ids(Array(entry['roles'])).map { |role| head + [role] }
      end

      def field_name(field)
        return field if Tracker::CORE_FIELDS_ALL.include?(field)

        @context.id(field).to_s
      end

      def existing
        columns = %i[id tracker_id old_status_id field_name rule role_id]
        found = Hash.new { |hash, row| hash[row] = [] }
        scope = WorkflowPermission.where(tracker_id: trackers.keys).order(:id)
        scope.pluck(*columns).each { |id, *row| found[row] << id }
        found
      end

      def record(row)
        tracker, status, field, rule, role = row
        { type: 'WorkflowPermission', tracker_id: tracker, old_status_id: status, field_name: field, rule: rule,
          role_id: role }
      end

      def sentence(group)
        _, status, field, rule = group
        RedmineSop.say("rule.#{rule}", field: field_label(field), status: status_name(status))
      end

      def field_label(field)
        @fields ||= IssueCustomField.pluck(:id, :name).to_h
        @fields[field.to_i] || ::I18n.t("field_#{field.delete_suffix('_id')}", locale: :id)
      end
    end
  end
end
