# frozen_string_literal: true

module RedmineSop
  # The body that Redmine 7's own WebhookPayload makes. The issue is drawn by Redmine's own API view, as the connector's
  # user would see it.
  class Payload
    include ApplicationHelper
    include CustomFieldsHelper

    VIEW = 'app/views/issues/show.api.rsb'
    Request = Struct.new(:params)

    attr_reader :params

    def initialize(event, issue, journal)
      @event = event
      @issue = issue
      @journal = journal
      @params = {}
    end

    def to_json(*)
      data = { issue: as_viewer { issue_hash } }
      data[:journal] = as_viewer { journal_hash } if @journal && @journal.visible?
      { type: @event, timestamp: timestamp.iso8601, data: data }.to_json
    end

    private

    def timestamp
      case @event
      when 'issue.created' then @issue.created_on
      when 'issue.deleted' then Time.now
      else @journal.created_on
      end
    end

    def as_viewer
      before = User.current
      User.current = User.active.find_by(login: Setup::LOGIN) || User.anonymous
      yield
    ensure
      User.current = before
    end

    def issue_hash
      # The view reads @issue and writes to `api`; `api.issue` gives back what was built.
      api = Redmine::Views::Builders::Json.new(Request.new(params), nil)
      built = instance_eval(File.read(Rails.root.join(VIEW)), VIEW, 1)
      built.is_a?(Hash) && built.key?(:id) ? built : JSON.parse(api.output)['issue']
    end

    def journal_hash
      {
        id: @journal.id, created_on: @journal.created_on.iso8601, notes: @journal.notes,
        user: { id: @journal.user_id, name: @journal.user&.name },
        details: @journal.visible_details.map do |detail|
          { property: detail.property, prop_key: detail.prop_key, old_value: detail.old_value, value: detail.value }
        end
      }
    end
  end
end
