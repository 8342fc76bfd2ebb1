# frozen_string_literal: true

module RedmineSop
  class Blueprint
    # What is ours but no longer in the blueprint: deleted when nothing uses it, else retired, which takes its workflow
    # away and lets it stand. Projects are only ever retired.
    class Pruning
      # In this order: a status can go when the tracker that used it is gone.
      KINDS = { 'query' => 'queries', 'project' => 'projects', 'tracker' => 'trackers', 'field' => 'fields',
                'group' => 'groups', 'role' => 'roles', 'status' => 'statuses' }.freeze

      def initialize(context, **)
        @context = context
      end

      def call
        KINDS.each do |kind, section|
          kept = @context.keys(section) + [CONNECTOR_ROLE]
          gone = @context.objects.values.select { |object| object.kind == kind && !kept.include?(object.key) }
          gone.sort_by(&:key).each { |object| prune(object) }
        end
      end

      private

      def prune(object)
        target = MODELS.fetch(object.kind).find_by(id: object.ref_id)
        return @context.forget(object) unless target
        return if @context.scope.spares?(object, target)

        if object.kind == 'project' || used?(object.kind, target)
          retire(object, target)
        else
          target.destroy!
          @context.forget(object)
          @context.report('delete', object.kind, object.key, target.name)
        end
      end

      def retire(object, target)
        rows = workflow(object.kind, target)
        return if object.retired && rows.none?

        rows.delete_all
        object.update!(retired: true)
        @context.report('retire', object.kind, object.key, target.name)
      end

      def workflow(kind, target)
        case kind
        when 'tracker' then WorkflowRule.where(tracker_id: target.id)
        when 'role' then WorkflowRule.where(role_id: target.id, tracker_id: SopObject.refs('tracker'))
        else WorkflowRule.none
        end
      end

      def used?(kind, target)
        send("#{kind}_used?", target)
      end

      def query_used?(_query)
        false
      end

      def tracker_used?(tracker)
        Issue.exists?(tracker_id: tracker.id)
      end

      def field_used?(field)
        CustomValue.where(custom_field_id: field.id).where.not(value: [nil, '']).exists?
      end

      def group_used?(group)
        group.users.any? || group.members.any? || Issue.exists?(assigned_to_id: group.id)
      end

      def role_used?(role)
        MemberRole.exists?(role_id: role.id) || WorkflowRule.where(role_id: role.id).exists?
      end

      # A status in somebody's history must keep its name.
      def status_used?(status)
        past = JournalDetail.where(property: 'attr', prop_key: 'status_id')
        Issue.exists?(status_id: status.id) || Tracker.exists?(default_status_id: status.id) ||
          WorkflowRule.where(old_status_id: status.id).or(WorkflowRule.where(new_status_id: status.id)).exists? ||
          past.where(value: status.id.to_s).or(past.where(old_value: status.id.to_s)).exists?
      end
    end
  end
end
