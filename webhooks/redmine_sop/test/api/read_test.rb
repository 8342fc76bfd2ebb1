# frozen_string_literal: true

require_relative '../test_helper'

class ReadTest < SopApiTest
  test 'one read gives everything, hidden fields and private notes too' do
    issue = new_issue(assigned_to_id: @keys['group:helpdesk'], due_date: '2030-01-02')
    file = upload('surat.pdf')
    edit(issue, admin, 'custom_field_values' => { cf('field:nim') => '77', cf('field:jenis') => %w[Jaringan Aplikasi],
                                                  cf('field:surat') => { 'token' => file.token } })
    edit(issue, @helpdesk, 'notes' => 'halo')
    edit(issue, admin, 'notes' => 'rahasia', 'private_notes' => '1')
    issue.attachments << upload('lampiran.pdf')

    body = call_api(:get, "/sop/issues/#{issue.id}.json")
    assert_response :ok
    assert_equal({ 'id' => @keys['group:helpdesk'], 'name' => 'Uji Kelompok Helpdesk', 'type' => 'Group',
                   'roles' => [@keys['role:helpdesk']] }, body['issue']['assigned_to'])
    assert_equal [@keys['role:helpdesk']], body['issue']['author']['roles']
    assert_equal '2030-01-02', body['issue']['due_date']
    values = body['issue']['custom_fields'].to_h { |field| [field['id'].to_s, field['value']] }
    assert_equal '77', values[cf('field:nim')]
    assert_equal %w[Aplikasi Jaringan], values[cf('field:jenis')].sort
    assert_equal '', values[cf('field:paraf')]
    assert_equal [[@keys['field:surat'], file.id, 'surat.pdf']], body['files'].map { |f| f.values_at('field_id', 'id', 'filename') }
    assert_equal ['lampiran.pdf'], body['attachments'].map { |f| f['filename'] }
    assert_equal ['', 'halo', 'rahasia'], body['journals'].map { |j| j['notes'] }
    assert_equal [true, false, true], body['journals'].map { |j| j['admin'] }
    assert_equal [@keys['role:helpdesk']], body['journals'][1]['roles']
    assert_equal true, body['journals'][2]['private_notes']
    assert_equal body['journals'].last['id'], body['last_journal']
    assert_nil body['state']
    assert_match(/\A\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\z/, body['now'])
    assert_match(/Z\z/, body['issue']['created_on'])
  end

  test 'duplicates are named on both sides, with what their states say' do
    one, two, plain = make, make(number: 'UJI-2026-000002', submission: 'kirim-2'), new_issue
    first, second = one['issue']['id'], two['issue']['id']
    IssueRelation.create!(issue_from_id: second, issue_to_id: first, relation_type: 'duplicates')
    IssueRelation.create!(issue_from_id: second, issue_to_id: plain.id, relation_type: 'duplicates')
    IssueRelation.create!(issue_from_id: first, issue_to_id: plain.id, relation_type: 'relates')
    SopState.find_by!(issue_id: second).update!(data: { 'duplicate_of' => 'UJI-2026-000001' })
    body = call_api(:get, "/sop/issues/#{second}.json")
    assert_equal [[first, 'UJI-2026-000001', nil], [plain.id, nil, nil]], body['duplicates'].map { |d| d.values_at('issue_id', 'number', 'duplicate_of') }
    assert_empty body['duplicated']
    body = call_api(:get, "/sop/issues/#{first}.json")
    assert_empty body['duplicates']
    assert_equal [{ 'issue_id' => second, 'number' => 'UJI-2026-000002', 'duplicate_of' => 'UJI-2026-000001' }], body['duplicated']
  end

  test 'a ticket is found by its number' do
    made = make
    assert_equal made['issue']['id'], call_api(:get, '/sop/tickets/UJI-2026-000001.json')['issue']['id']
    call_api(:get, '/sop/tickets/UJI-2026-999999.json')
    assert_response :not_found
  end

  test 'the state goes with its issue' do
    made = make
    Issue.find(made['issue']['id']).destroy
    assert_equal 0, SopState.where(number: 'UJI-2026-000001').count
  end

  test 'the feed gives SOP issues and journals by id, a page at a time' do
    first = new_issue
    feed = call_api(:get, "/sop/changes.json?after_issue=#{first.id - 1}")
    assert_equal [{ 'id' => first.id }], feed['issues']
    start = feed['last_journal']
    3.times { |n| edit(first, @helpdesk, 'notes' => "n#{n}") }
    ids = first.journals.reorder(:id).pluck(:id)
    page = call_api(:get, "/sop/changes.json?after_issue=#{first.id}&after_journal=#{ids[0] - 1}&limit=2")
    assert_equal ids.first(2).map { |id| { 'id' => id, 'issue_id' => first.id } }, page['journals']
    assert_equal [ids[1], first.id, true], page.values_at('last_journal', 'last_issue', 'more')
    rest = call_api(:get, "/sop/changes.json?after_issue=#{first.id}&after_journal=#{ids[1]}")
    assert_equal [ids[2], false], rest.values_at('last_journal', 'more')
    assert_operator start, :<=, ids[0]
    none = call_api(:get, "/sop/changes.json?after_issue=#{first.id}&after_journal=#{ids[2]}")
    assert_equal [[], [], first.id, ids[2]], none.values_at('issues', 'journals', 'last_issue', 'last_journal')
  end

  test 'the feed starts at the ids it is given, not at the beginning' do
    skip 'EXPLAIN of SQLite' unless ActiveRecord::Base.connection.adapter_name.match?(/sqlite/i)

    User.current = connector
    queries = []
    listen = ActiveSupport::Notifications.subscribe('sql.active_record') do |*, payload|
      queries << [payload[:sql], payload[:binds]] if payload[:sql].match?(/SELECT "(issues|journals)"\."id"|SELECT journals/i)
    end
    RedmineSop::ChangeFeed.new(after_issue: 1, after_journal: 1, limit: 500).to_h
    ActiveSupport::Notifications.unsubscribe(listen)
    assert_equal 2, queries.size, queries.inspect
    queries.each do |sql, binds|
      plan = ActiveRecord::Base.connection.exec_query("EXPLAIN QUERY PLAN #{sql}", 'EXPLAIN', binds).rows.map(&:last)
      assert(plan.any? { |line| line.match?(/SEARCH (issues|journals) USING .*rowid>\?/) }, plan.inspect)
      assert(plan.none? { |line| line.match?(/SCAN (issues|journals)/) }, plan.inspect)
    end
  end

  test 'states are paged, open ones on request' do
    one = make
    two = make(number: 'UJI-2026-000002', submission: 'kirim-2')
    page = call_api(:get, '/sop/states.json?limit=1')
    assert_equal [[one['issue']['id']], true], [page['states'].map { |s| s['issue_id'] }, page['more']]
    rest = call_api(:get, "/sop/states.json?limit=1&after=#{one['issue']['id']}")
    assert_equal [[two['issue']['id']], false], [rest['states'].map { |s| s['issue_id'] }, rest['more']]
    Issue.find(one['issue']['id']).update_columns(status_id: @keys['status:tutup'])
    assert_equal [two['issue']['id']], call_api(:get, '/sop/states.json?open=1')['states'].map { |s| s['issue_id'] }
    closed = call_api(:get, '/sop/states.json')['states'].first
    assert_equal [true, 0, 'kirim-1', { 'langkah' => 1 }], closed.values_at('closed', 'last_journal', 'submission', 'data')
    assert_equal @keys.values_at('status:tutup', 'status:masuk'),
                 call_api(:get, '/sop/states.json')['states'].map { |s| s['status_id'] }
  end

  test 'a state says whose turn it is and what the ticket is called' do
    one = make(assigned_to_id: @keys['group:helpdesk'])
    two = make(number: 'UJI-2026-000002', submission: 'kirim-2', assigned_to_id: @kadiv.id)
    three = make(number: 'UJI-2026-000003', submission: 'kirim-3')
    states = call_api(:get, '/sop/states.json')['states']
    assert_equal [one, two, three].map { |made| made['issue']['id'] }, states.map { |s| s['issue_id'] }
    assert_equal ['Minta'], states.map { |s| s['subject'] }.uniq
    group, person, nobody = states.map { |s| s['assigned_to'] }
    assert_equal({ 'id' => @keys['group:helpdesk'], 'name' => 'Uji Kelompok Helpdesk', 'type' => 'Group',
                   'roles' => [@keys['role:helpdesk']] }, group)
    assert_equal [@kadiv.id, 'User', [@keys['role:kadiv']]], person.values_at('id', 'type', 'roles')
    assert_nil nobody
    assert_equal queries_of('/sop/states.json?limit=2'), queries_of('/sop/states.json')
  end

  test 'with the open states come those that were closed since an instant' do
    ids = [1, 2, 3].map { |n| make(number: "UJI-2026-00000#{n}", submission: "k#{n}")['issue']['id'] }
    Issue.find(ids[0]).update_columns(status_id: @keys['status:tutup'], closed_on: Time.utc(2026, 11, 20, 1))
    Issue.find(ids[1]).update_columns(status_id: @keys['status:tutup'], closed_on: Time.utc(2026, 11, 23, 1))
    read = ->(more) { call_api(:get, "/sop/states.json?open=1#{more}")['states'].map { |s| s['issue_id'] } }
    assert_equal [ids[2]], read.call('')
    assert_equal ids.last(2), read.call('&closed_since=2026-11-23T01:00:00Z')
    assert_equal ids.last(2), read.call('&limit=2&closed_since=2026-11-20T08:00:01%2B07:00')
    assert_equal ids, read.call('&closed_since=2026-11-20T01:00:00Z')
    call_api(:get, '/sop/states.json?open=1&closed_since=kemarin')
    assert_response :bad_request
  end

  test 'the highest number is the longest one first' do
    make(number: 'UJI-2026-999999', submission: 'a')
    make(number: 'UJI-2026-1000000', submission: 'b')
    make(number: 'UJI_2026-5', submission: 'c')
    assert_equal 'UJI-2026-1000000', call_api(:get, '/sop/numbers.json?prefix=UJI-2026-')['highest']
    assert_equal 'UJI_2026-5', call_api(:get, '/sop/numbers.json?prefix=UJI_')['highest']
    assert_nil call_api(:get, '/sop/numbers.json?prefix=ZZZ')['highest']
  end

  test 'the directory resolves groups and leaves locked people out' do
    roles = call_api(:get, '/sop/directory.json?project=uji-sop')['roles']
    assert_equal [{ 'id' => @helpdesk.id, 'login' => 'uji-helpdesk', 'name' => @helpdesk.name, 'mail' => 'uji-helpdesk@example.net',
                    'groups' => [@keys['group:helpdesk']] }], roles[@keys['role:helpdesk'].to_s]
    @helpdesk.update!(status: User::STATUS_LOCKED)
    roles = call_api(:get, '/sop/directory.json?project=uji-sop')['roles']
    assert_nil roles[@keys['role:helpdesk'].to_s]
  end

  private

  # How many times the database is asked.
  def queries_of(path)
    count = 0
    listen = ActiveSupport::Notifications.subscribe('sql.active_record') { count += 1 }
    call_api(:get, path)
    ActiveSupport::Notifications.unsubscribe(listen)
    count
  end
end
