# frozen_string_literal: true

module RedmineSop
  class Blueprint
    # A row here: tracker, old status (0: a new issue), new status, role.
    class Transitions < WorkflowRows
      SECTION = 'transitions'
      KIND = 'transition'
      KEYS = %w[tracker from to roles].freeze

      private

      def rows(entry)
        RequestBody.new(entry, KEYS)
        from = entry['from'].nil? ? 0 : @context.id(entry['from'])
        to = @context.id(entry['to'])
        @context.ids(Array(entry['roles'])).map { |role| [tracker(entry['tracker']), from, to, role] }
      end

      def existing
        columns = %i[id tracker_id old_status_id new_status_id author assignee role_id]
        found = Hash.new { |hash, row| hash[row] = [] }
        scope = WorkflowTransition.where(tracker_id: trackers.keys).order(:id)
        scope.pluck(*columns).each do |id, tracker, from, to, author, assignee, role|
          # Rows for authors or assignees only are none of ours.
          row = author || assignee ? [tracker, from, to, :conditional, role] : [tracker, from, to, role]
          found[row] << id
        end
        found
      end

      def record(row)
        tracker, from, to, role = row
        { type: 'WorkflowTransition', tracker_id: tracker, old_status_id: from, new_status_id: to, role_id: role,
          author: false, assignee: false }
      end

      def sentence(group)
        _, from, to, conditional = group
        "#{status_name(from)} → #{status_name(to)}#{RedmineSop.say('conditional') if conditional}"
      end
    end
  end
end
