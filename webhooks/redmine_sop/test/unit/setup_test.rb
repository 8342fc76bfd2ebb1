# frozen_string_literal: true

require_relative '../test_helper'

class SetupTest < SopApiTest
  test 'again without harm' do
    first = RedmineSop::Setup.new(webhook_url: 'http://127.0.0.1:8000/webhooks/redmine').call
    assert_no_difference ['User.count', 'Role.count', 'SopObject.count'] do
      assert_equal first, RedmineSop::Setup.new.call
    end
    assert_equal 'http://127.0.0.1:8000/webhooks/redmine', Setting.plugin_redmine_sop['webhook_url']
    assert_equal %i[api_key webhook_secret user role], first.keys
  end

  test 'least privilege' do
    assert_not connector.admin?
    role = Role.find(SopObject.connector_role_id)
    assert_equal 'all', role.issues_visibility
    assert_equal RedmineSop::Setup::PERMISSIONS.sort, (role.permissions - [:use_webhooks]).sort
  end

  test 'a role that was renamed or stripped is mended' do
    role = Role.find(SopObject.connector_role_id)
    role.update!(name: 'Lain', permissions: [])
    assert_equal 'Lain', RedmineSop::Setup.new.call[:role]
    assert_includes role.reload.permissions, :use_sop_connector
  end

  test 'the settings form keeps the secret and does not show it' do
    secret = Setting.plugin_redmine_sop['webhook_secret']
    post '/login', params: { username: 'admin', password: new_admin_password }
    get '/settings/plugin/redmine_sop'
    assert_response :ok
    assert_not_includes response.body, secret
    assert_includes response.body, 'settings_webhook_url'
    post '/settings/plugin/redmine_sop', params: { settings: { webhook_url: 'http://10.0.0.1/x', webhook_secret: '' } }
    Setting.clear_cache
    assert_equal ['http://10.0.0.1/x', secret], Setting.plugin_redmine_sop.values_at('webhook_url', 'webhook_secret')
    post '/settings/plugin/redmine_sop', params: { settings: { webhook_url: 'http://10.0.0.1/x', webhook_secret: 'ganti' } }
    Setting.clear_cache
    assert_equal 'ganti', Setting.plugin_redmine_sop['webhook_secret']
  end

  def new_admin_password
    user = admin
    user.password = user.password_confirmation = 'kata-sandi-uji-1'
    user.must_change_passwd = false
    user.save!
    'kata-sandi-uji-1'
  end
end
