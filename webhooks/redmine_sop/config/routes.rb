# frozen_string_literal: true

# `.json` is required: only then does Redmine accept an API key, and never a session's cookie.
RedmineApp::Application.routes.draw do
  with_options format: true, constraints: { format: 'json' } do |json|
    json.post 'sop/blueprint', to: 'sop_blueprints#create'
    json.get 'sop/info', to: 'sop_info#show'
    json.post 'sop/ping', to: 'sop_info#ping'
    json.get 'sop/directory', to: 'sop_info#directory'
    json.get 'sop/issues/:id', to: 'sop_issues#show', id: /\d+/
    json.post 'sop/issues/:id/commit', to: 'sop_issues#commit', id: /\d+/
    json.post 'sop/issues/:id/erase', to: 'sop_erasures#create', id: /\d+/
    json.post 'sop/issues', to: 'sop_issues#create'
    json.get 'sop/tickets/:number', to: 'sop_tickets#show'
    json.get 'sop/changes', to: 'sop_feeds#changes'
    json.get 'sop/states', to: 'sop_feeds#states'
    json.get 'sop/numbers', to: 'sop_feeds#numbers'
  end
end
