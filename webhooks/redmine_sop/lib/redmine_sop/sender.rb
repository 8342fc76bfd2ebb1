# frozen_string_literal: true

require 'net/http'

module RedmineSop
  # Webhooks in the format of Redmine 7, for Redmine before 7. Only a hint: sent once, after the transaction, from a
  # thread of its own, and a failure is a line in the log. The change feed is what counts.
  module Sender
    TIMEOUT = 5

    # Included in Issue.
    module IssueEvents
      def self.included(base)
        base.after_create_commit { Sender.hint('issue.created', self) }
        base.after_destroy_commit { Sender.hint('issue.deleted', self) }
      end
    end

    # Included in Journal: whatever is visible of an issue leaves a journal, a deleted attachment too.
    module JournalEvents
      def self.included(base)
        base.after_create_commit { Sender.hint('issue.updated', journalized, self) if journalized.is_a?(Issue) }
      end
    end

    class << self
      def hint(event, issue, journal = nil)
        return if RedmineSop.builtin_webhooks? || Quiet.hints? || url.blank? || !SopObject.tracker?(issue.tracker_id)

        deliver(url, secret, Payload.new(event, issue, journal).to_json)
      rescue StandardError => e
        # A person's save must never fail for a hint.
        Rails.logger.error("redmine_sop: webhook not made: #{e.class}: #{e.message}")
      end

      def signature(secret, body)
        "sha256=#{OpenSSL::HMAC.hexdigest('SHA256', secret, body)}"
      end

      # One signed ping to the connector, waited for: whether hints would arrive. Of an event that no connector heeds.
      def ping
        answer = { url: url, status: nil, error: nil, seconds: nil, builtin: BuiltinWebhook.state }
        return answer if url.blank?

        body = { type: 'sop.ping', timestamp: RedmineSop.time(Time.now), data: {} }.to_json
        started = Process.clock_gettime(Process::CLOCK_MONOTONIC)
        code = post(URI.parse(url), secret, body).code.to_i
        answer.merge(status: code, seconds: (Process.clock_gettime(Process::CLOCK_MONOTONIC) - started).round(3))
      rescue StandardError => e
        answer.merge(error: e.class.name)
      end

      private

      def url
        Setting.plugin_redmine_sop['webhook_url']
      end

      def secret
        Setting.plugin_redmine_sop['webhook_secret']
      end

      def deliver(url, secret, body)
        Thread.new do
          post(URI.parse(url), secret, body)
        rescue StandardError => e
          Rails.logger.warn("redmine_sop: webhook not delivered: #{e.class}: #{e.message}")
        end
      end

      def post(uri, secret, body)
        headers = { 'Content-Type' => 'application/json', 'User-Agent' => 'Redmine', 'Accept' => '*/*' }
        request = Net::HTTP::Post.new(uri, headers)
        request['X-Redmine-Signature-256'] = signature(secret, body) if secret.present?
        request.body = body
        http = Net::HTTP.new(uri.host, uri.port, nil) # nil: no proxy from the environment
        http.use_ssl = uri.scheme == 'https'
        http.open_timeout = http.read_timeout = http.write_timeout = TIMEOUT
        response = http.request(request)
        Rails.logger.warn("redmine_sop: webhook answered #{response.code}") unless response.is_a?(Net::HTTPSuccess)
        response
      end
    end
  end
end
