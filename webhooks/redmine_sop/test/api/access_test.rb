# frozen_string_literal: true

require_relative '../test_helper'

class AccessTest < SopApiTest
  READS = %w[/sop/info.json /sop/changes.json /sop/states.json /sop/numbers.json?prefix=UJI-
             /sop/directory.json?project=uji-sop].freeze

  test 'without a key every call is refused' do
    id = new_issue.id
    (READS + ["/sop/issues/#{id}.json", '/sop/tickets/UJI-1.json']).each do |path|
      call_api(:get, path, as: nil)
      assert_response :unauthorized, path
    end
    ["/sop/issues/#{id}/commit.json", '/sop/issues.json', '/sop/blueprint.json', '/sop/ping.json'].each do |path|
      call_api(:post, path, {}, as: nil)
      assert_response :unauthorized, path
    end
  end

  test 'without the permission every call is forbidden' do
    READS.each do |path|
      answer = call_api(:get, path, as: @helpdesk)
      assert_response :forbidden, path
      assert answer['errors'].any?
    end
    call_api(:post, '/sop/issues.json', {}, as: @helpdesk)
    assert_response :forbidden
    call_api(:post, '/sop/ping.json', {}, as: @helpdesk)
    assert_response :forbidden
    call_api(:post, '/sop/blueprint.json', {}, as: connector)
    assert_response :forbidden
  end

  test 'a locked connector is nobody' do
    key = connector.api_key
    connector.update!(status: User::STATUS_LOCKED)
    get '/sop/info.json', headers: { 'X-Redmine-API-Key' => key }
    assert_response :unauthorized
  end

  test 'an issue outside, or of a foreign tracker, does not exist' do
    issue = new_issue
    foreign = Tracker.where.not(id: @keys['tracker:ti']).first
    Project.find(@keys['project:uji']).trackers << foreign
    issue.update_columns(tracker_id: foreign.id)
    call_api(:get, "/sop/issues/#{issue.id}.json")
    assert_response :not_found

    elsewhere = Project.create!(name: 'Lain', identifier: 'lain', enabled_module_names: %w[issue_tracking sop])
    elsewhere.trackers << Tracker.find(@keys['tracker:ti'])
    other = Issue.create!(project: elsewhere, tracker_id: @keys['tracker:ti'], subject: 'Lain', author: admin)
    call_api(:get, "/sop/issues/#{other.id}.json")
    assert_response :not_found
    assert_not_includes call_api(:get, '/sop/changes.json')['issues'], { 'id' => other.id }
    call_api(:get, '/sop/directory.json?project=lain')
    assert_response :not_found
  end

  test 'info tells versions, keys and permissions as they are' do
    info = call_api(:get, '/sop/info.json')
    assert_response :ok
    assert_equal RedmineSop::VERSION, info['plugin']
    assert_equal Redmine::VERSION.to_a.first(3).join('.'), info['redmine']
    assert_equal @keys, info['keys']
    assert_equal({ 'id' => @keys['project:uji'], 'identifier' => 'uji-sop' }, info['projects']['project:uji'])
    assert_equal 'sop-connector', info['user']['login']
    assert_equal false, info['user']['admin']
    assert_includes info['permissions']['project:uji'], 'set_notes_private'
    Project.find(@keys['project:uji']).disable_module!(:issue_tracking)
    assert_not_includes call_api(:get, '/sop/info.json')['permissions']['project:uji'], 'view_issues'
  end

  test 'a body that is no JSON, no object, or has unknown keys is malformed' do
    ['{', '[]', '{"zz": 1}', '{"expected_journal": "1"}', '{"expected_journal": 1, "expected_version": 0, "changes": {"zz": 1}}'].each do |body|
      answer = call_api(:post, "/sop/issues/#{new_issue.id}/commit.json", body)
      assert_response :bad_request, body
      assert answer['errors'].any?
    end
    call_api(:get, '/sop/changes.json?limit=x')
    assert_response :bad_request
    call_api(:get, '/sop/numbers.json')
    assert_response :bad_request
  end

  test 'a busy database is said to be transient' do
    busy = ActiveRecord::StatementInvalid.new('SQLite3::BusyException: database is locked')
    RedmineSop::Commit.any_instance.stubs(:call).raises(busy)
    answer = call_api(:post, "/sop/issues/#{new_issue.id}/commit.json", { expected_journal: 0, expected_version: 0 })
    assert_response :service_unavailable
    assert answer['errors'].any?
  end

  test 'personal data stays out of the log' do
    lines = StringIO.new
    before = ActionController::Base.logger
    ActionController::Base.logger = ActiveSupport::Logger.new(lines)
    make(subject: 'NAMA-PRIBADI')
    assert_includes lines.string, '[FILTERED]'
    assert_not_includes lines.string, 'NAMA-PRIBADI'
  ensure
    ActionController::Base.logger = before
  end
end
