# frozen_string_literal: true

module RedmineSop
  class Blueprint
    # What a blueprint speaks for: of several profiles on one server it may name only some, and leaves the others alone.
    # Keys carry their profile: `role:unj:helpdesk`, `field:unj/layanan:nim`, `project:unj`. Without profiles: everything.
    class Scope
      CARRIERS = %w[project tracker role group].freeze

      def initialize(profiles, objects)
        @profiles = profiles
        @objects = objects
      end

      # Of a profile that this blueprint does not speak for. Statuses belong to all of them.
      def other?(object)
        others.include?(profile(object))
      end

      # Ids of what is ours and may be decided here.
      def ours(kind)
        of(kind).reject { |object| other?(object) }.map(&:ref_id)
      end

      def others_of(kind)
        of(kind).select { |object| other?(object) }.map(&:ref_id)
      end

      # Not in this blueprint, and yet not to be pruned: another profile has it, or works with it.
      def spares?(object, target)
        return false if others.empty?
        return true if other?(object)

        trackers = others_of('tracker')
        case object.kind
        when 'status' then status_used?(target, trackers)
        when 'field' then (target.tracker_ids & trackers).any?
        else false
        end
      end

      private

      def of(kind)
        @objects.values.select { |object| object.kind == kind }
      end

      def profile(object)
        object.kind == 'status' ? nil : object.key.split(':')[1].to_s.split('/').first
      end

      def others
        return [] if @profiles.nil?

        @others ||= CARRIERS.flat_map { |kind| of(kind) }.reject { |object| object.key == CONNECTOR_ROLE }
                            .map { |object| profile(object) }.uniq - @profiles
      end

      def status_used?(status, trackers)
        rows = WorkflowRule.where(tracker_id: trackers)
        rows.where(old_status_id: status.id).or(rows.where(new_status_id: status.id)).exists? ||
          Tracker.exists?(id: trackers, default_status_id: status.id)
      end
    end
  end
end
