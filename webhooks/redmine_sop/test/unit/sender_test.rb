# frozen_string_literal: true

require_relative '../test_helper'

class SenderTest < SopApiTest
  # What was really sent by Redmine 7's own classes: the shape to keep.
  ISSUE_KEYS = %w[id project tracker status priority author assigned_to subject description start_date due_date done_ratio
                  is_private estimated_hours total_estimated_hours custom_fields created_on updated_on closed_on].freeze

  setup do
    skip 'Redmine sends webhooks itself' if RedmineSop.builtin_webhooks?

    @server = TCPServer.new('127.0.0.1', 0)
    @got = Queue.new
    @listener = Thread.new { loop { receive(@server.accept) } }
    Setting.plugin_redmine_sop = { 'webhook_url' => "http://127.0.0.1:#{@server.addr[1]}/webhooks/redmine", 'webhook_secret' => 'kunci' }
  end

  teardown do
    @listener&.kill
    @server&.close
    Setting.clear_cache
  end

  def receive(socket)
    head = +''
    head << socket.gets until head.end_with?("\r\n\r\n")
    body = socket.read(head[/content-length: (\d+)/i, 1].to_i)
    socket.write("HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    socket.close
    @got << [head, body]
  end

  def hint
    Timeout.timeout(5) { @got.pop }
  end

  def nothing_sent
    sleep 0.4
    assert_empty @got
  end

  test 'made, changed, deleted: signed hints in the format of Redmine 7' do
    issue = new_issue(assigned_to_id: @keys['group:helpdesk'])
    head, raw = hint
    assert_match(%r{\APOST /webhooks/redmine HTTP/1.1\r\n}, head)
    assert_match(/^user-agent: Redmine\r$/i, head)
    assert_match(%r{^content-type: application/json\r$}i, head)
    assert_match(/^x-redmine-signature-256: sha256=#{OpenSSL::HMAC.hexdigest('SHA256', 'kunci', raw)}\r$/i, head)
    body = JSON.parse(raw)
    assert_equal %w[type timestamp data], body.keys
    assert_equal ['issue.created', ['issue']], [body['type'], body['data'].keys]
    assert_equal ISSUE_KEYS, body['data']['issue'].keys
    assert_equal({ 'id' => @keys['status:masuk'], 'name' => 'Uji Masuk', 'is_closed' => false }, body['data']['issue']['status'])

    edit(issue, @helpdesk, 'notes' => 'Catatan uji', 'subject' => 'Baru')
    body = JSON.parse(hint.last)
    assert_equal ['issue.updated', %w[issue journal]], [body['type'], body['data'].keys]
    journal = body['data']['journal']
    assert_equal %w[id created_on notes user details], journal.keys
    assert_equal ['Catatan uji', { 'id' => @helpdesk.id, 'name' => @helpdesk.name }], journal.values_at('notes', 'user')
    assert_equal [{ 'property' => 'attr', 'prop_key' => 'subject', 'old_value' => 'Uji', 'value' => 'Baru' }], journal['details']
    assert_equal 'Baru', body['data']['issue']['subject']

    Issue.find(issue.id).destroy
    assert_equal 'issue.deleted', JSON.parse(hint.last)['type']
  end

  test 'no hint for the connector\'s own writes' do
    seen = make
    commit(seen, notes: 'Halo', changes: { subject: 'Baru' })
    assert_response :ok
    nothing_sent
  end

  test 'no hint for other trackers' do
    tracker = Tracker.where.not(id: @keys['tracker:ti']).first
    project = Project.find(@keys['project:uji'])
    project.trackers << tracker
    Issue.create!(project: project, tracker: tracker, subject: 'Biasa', author: admin)
    nothing_sent
  end

  test 'nothing for what is rolled back' do
    Issue.transaction do
      new_issue
      raise ActiveRecord::Rollback
    end
    nothing_sent
  end

  test 'a ping is signed, waited for, and of a kind that nobody heeds' do
    answer = call_api(:post, '/sop/ping.json', {})
    assert_response :ok, response.body
    head, raw = hint
    assert_match(/^x-redmine-signature-256: sha256=#{OpenSSL::HMAC.hexdigest('SHA256', 'kunci', raw)}\r$/i, head)
    assert_equal 'sop.ping', JSON.parse(raw)['type']
    assert_equal [202, nil, nil], answer.values_at('status', 'error', 'builtin')
    assert_operator answer['seconds'], :<, 5
    Setting.plugin_redmine_sop = { 'webhook_url' => 'http://127.0.0.1:1/', 'webhook_secret' => 'kunci' }
    assert_equal [nil, 'Errno::ECONNREFUSED'], call_api(:post, '/sop/ping.json', {}).values_at('status', 'error')
    Setting.plugin_redmine_sop = { 'webhook_url' => '', 'webhook_secret' => 'kunci' }
    assert_equal ['', nil, nil], call_api(:post, '/sop/ping.json', {}).values_at('url', 'status', 'error')
  end

  test 'a receiver that is gone harms nobody' do
    Setting.plugin_redmine_sop = { 'webhook_url' => 'http://127.0.0.1:1/', 'webhook_secret' => 'kunci' }
    assert new_issue.persisted?
    Setting.plugin_redmine_sop = { 'webhook_url' => 'bukan alamat', 'webhook_secret' => 'kunci' }
    assert new_issue.persisted?
  end
end
