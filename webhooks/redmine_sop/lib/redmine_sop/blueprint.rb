# frozen_string_literal: true

module RedmineSop
  # Makes Redmine look as the procedures say, in one transaction. A plan is an apply that is rolled back.
  # Objects are found by key (table sop_objects); what is not ours is never changed, only refused or, when told, adopted.
  class Blueprint
    SECTIONS = %w[settings statuses roles groups fields trackers projects transitions rules queries].freeze
    MODELS = { 'query' => IssueQuery, 'project' => Project, 'tracker' => Tracker, 'field' => IssueCustomField,
               'group' => Group, 'role' => Role, 'status' => IssueStatus }.freeze
    # Each stage may refer to what the stages before it made.
    STAGES = [Roles, Groups, Statuses, Trackers, Projects, Fields, Members, Transitions, Rules, Queries, Pruning,
              Settings].freeze

    def initialize(blueprint, adopt: nil, apply: false, profiles: nil)
      request = RequestBody.new({ 'blueprint' => blueprint, 'apply' => apply }, %w[blueprint apply])
      sections = request.hash('blueprint')
      RequestBody.new(sections, SECTIONS)
      { 'adopt' => adopt, 'profiles' => profiles }.each do |name, value|
        raise Malformed, RedmineSop.say('wrong_type', name: name, type: 'list') unless value.nil? || value.is_a?(Array)
      end

      @apply = request.flag('apply')
      @context = Context.new(sections, Array(adopt), profiles)
    end

    def call
      applied = false
      SopObject.transaction(requires_new: true) do
        WriteLock.take(SopObject, SopObject.pluck(:id))
        catch(:stop) { run_stages }
        applied = @apply && @context.refused.empty?
        raise ActiveRecord::Rollback unless applied
      end
      BuiltinWebhook.cover_projects if applied
      { applied: applied, keys: SopObject.ids_by_key, changes: @context.changes, refused: @context.refused }
    ensure
      # Redmine keeps settings in memory, where no rollback reaches.
      Setting.clear_cache
    end

    private

    def run_stages
      STAGES.each { |stage| stage.new(@context, write: @apply).call }
    end
  end
end
