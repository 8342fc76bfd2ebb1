# frozen_string_literal: true

# What every call has in common: who may, how a body is read, how a failure is told.
class SopBaseController < ApplicationController
  before_action :require_login, :require_connector

  # Rails asks the last one first: StatementInvalid is the parent of RecordNotUnique and comes before it.
  rescue_from(ActiveRecord::StatementInvalid, with: :database_failed)
  rescue_from(ActionDispatch::Http::Parameters::ParseError, with: :unreadable)
  rescue_from(RedmineSop::Malformed) { |error| render_errors(error.messages, 400) }
  rescue_from(ActiveRecord::RecordNotFound) { render_errors([RedmineSop.say('not_found')], 404) }
  rescue_from(RedmineSop::Conflict) { |error| render_errors(error.messages, 409) }
  rescue_from(ActiveRecord::StaleObjectError, ActiveRecord::RecordNotUnique) do
    render_errors([RedmineSop.say('conflict')], 409)
  end
  rescue_from(RedmineSop::Refused) { |error| render_errors(error.messages, 422) }
  rescue_from(ActiveRecord::RecordInvalid) { |error| render_errors(error.record.errors.full_messages, 422) }

  # Redmine's log shows parameters; a ticket's text and state are personal data.
  PRIVATE_KEYS = /\A(state|changes|notes?|subject|description|custom_fields|blueprint|texts|fields|details|files)\z/.freeze

  def process_action(*)
    request.set_header('action_dispatch.parameter_filter', [PRIVATE_KEYS])
    super
  end

  private

  def require_connector
    return true if User.current.allowed_to?(:use_sop_connector, nil, global: true)

    render_errors([RedmineSop.say('forbidden')], 403)
    false
  end

  # Parsed from the raw body: Rails' own parameters drop and convert what the state's data must keep as it is.
  def body
    @body ||= begin
      parsed = JSON.parse(request.raw_post)
      raise RedmineSop::Malformed, RedmineSop.say('not_an_object') unless parsed.is_a?(Hash)

      parsed
    rescue JSON::ParserError => e
      raise RedmineSop::Malformed, e.message
    end
  end

  def count_param(name, default, maximum: nil)
    value = params[name].presence || default
    raise RedmineSop::Malformed, "#{name}: #{value}" unless value.to_s.match?(/\A\d{1,10}\z/)

    [value.to_i, maximum].compact.min
  end

  def time_param(name)
    value = params[name].presence
    value && Time.iso8601(value.to_s)
  rescue ArgumentError
    raise RedmineSop::Malformed, "#{name}: #{value}"
  end

  def render_errors(messages, status)
    render json: { errors: Array(messages) }, status: status
  end

  # Not `render`: it would look at the parameters, which cannot be read.
  def unreadable(error)
    self.status = 400
    self.content_type = 'application/json'
    self.response_body = { errors: [error.message] }.to_json
  end

  def now
    RedmineSop.time(Time.now)
  end

  # A busy database is no refusal: the caller tries again. SQLite answers "busy", the others deadlock or time out.
  def database_failed(error)
    transient = [ActiveRecord::TransactionRollbackError, ActiveRecord::QueryAborted]
    busy = error.cause.class.name == 'SQLite3::BusyException' || error.message.include?('database is locked')
    raise error unless busy || transient.any? { |type| error.is_a?(type) }

    render_errors([RedmineSop.say('busy')], 503)
  end
end
