# frozen_string_literal: true

module RedmineSop
  class Blueprint
    # Workflow rows of the blueprint's trackers: compared as sets, written in bulk (30,000 rows take seconds, one by one
    # minutes). Rows of foreign roles on our trackers are drift and go.
    class WorkflowRows
      SLICE = 500

      def initialize(context, **)
        @context = context
      end

      def call
        # A set: to look 48,000 rows up in a list took 89 s, this takes less than one.
        wanted = @context.section(self.class::SECTION).flat_map { |entry| rows(entry) }.to_set
        there = existing
        missing = wanted.reject { |row| there.key?(row) }
        # A row twice, or one that is not as we write them (only for authors or assignees), goes as well.
        surplus = there.flat_map { |row, ids| wanted.include?(row) ? ids.drop(1) : ids }
        report('delete', there.keys.reject { |row| wanted.include?(row) })
        report('create', missing)
        surplus.each_slice(SLICE) { |ids| WorkflowRule.where(id: ids).delete_all }
        missing.each_slice(SLICE) { |slice| WorkflowRule.insert_all(slice.map { |row| record(row) }) }
      end

      private

      def trackers
        @trackers ||= Tracker.where(id: @context.ids(@context.keys('trackers'))).index_by(&:id)
      end

      def tracker(key)
        id = @context.id(key)
        trackers.key?(id) ? id : raise(Refused, RedmineSop.say('unknown_key', key: key.inspect))
      end

      def roles
        @roles ||= Role.all.index_by(&:id)
      end

      def statuses
        @statuses ||= IssueStatus.all.index_by(&:id)
      end

      def status_name(id)
        statuses[id]&.name || RedmineSop.say('new_issue')
      end

      # One line a person can read for all roles together.
      def report(action, rows)
        rows.group_by { |row| row[0..-2] }.each do |group, of_roles|
          names = of_roles.map { |row| roles[row.last]&.name || row.last.to_s }.sort
          changes = { 'roles' => action == 'create' ? [[], names] : [names, []] }
          name = "#{trackers[group.first].name}: #{sentence(group)}, #{names.join(', ')}"
          @context.report(action, self.class::KIND, nil, name, changes)
        end
      end
    end
  end
end
