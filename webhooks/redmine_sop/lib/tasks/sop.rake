# frozen_string_literal: true

namespace :redmine do
  namespace :sop do
    desc 'Prepares Redmine for the SOP connector: REST API, role, user with API key, webhook (SOP_WEBHOOK_URL)'
    task setup: :environment do
      puts RedmineSop::Setup.new(webhook_url: ENV['SOP_WEBHOOK_URL']).call.to_json
    end
  end
end
