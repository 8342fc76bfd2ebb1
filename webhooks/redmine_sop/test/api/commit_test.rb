# frozen_string_literal: true

require_relative '../test_helper'

class CommitTest < SopApiTest
  test 'one commit: changes, file, upload, note and state, one journal' do
    seen = make(assigned_to_id: @keys['group:helpdesk'])
    body = commit(seen, changes: { status_id: @keys['status:jadwal'], assigned_to_id: @kadiv.id, due_date: '2031-05-06',
                                   done_ratio: 40, subject: 'Baru', custom_fields: { cf('field:jenis') => ['Jaringan'] } },
                        field_files: [{ field_id: @keys['field:surat'], token: upload('s.pdf').token }],
                        uploads: [{ token: upload('u.pdf').token, filename: 'u.pdf', content_type: 'application/pdf' }],
                        notes: "Dijadwalkan\nbesok")
    assert_response :ok, response.body
    assert_equal 1, body['journals'].size
    assert_equal body['last_journal'], body['journal']
    assert_equal @keys['status:jadwal'], body['issue']['status_id']
    assert_equal ['2031-05-06', 40, 'Baru'], body['issue'].values_at('due_date', 'done_ratio', 'subject')
    assert_equal [@keys['role:kadiv']], body['issue']['assigned_to']['roles']
    assert_equal ['u.pdf'], body['attachments'].map { |a| a['filename'] }
    assert_equal({ 'number' => 'UJI-2026-000001', 'submission' => 'kirim-1', 'cursor' => body['journal'], 'version' => 2,
                   'data' => { 'langkah' => 2 } }, body['state'])
    assert_empty mailed_to
  end

  test 'a tracker is given back, with the status and the fields that only it has' do
    tracker = Tracker.create!(name: 'Uji Lain', default_status_id: @keys['status:masuk'])
    SopObject.create!(kind: 'tracker', key: 'tracker:lain', ref_id: tracker.id)
    Project.find(@keys['project:uji']).trackers << tracker
    seen = make
    edit(Issue.find(seen['issue']['id']), @helpdesk, 'tracker_id' => tracker.id, 'notes' => 'Salah layanan')
    seen = call_api(:get, "/sop/issues/#{seen['issue']['id']}.json")
    assert_equal tracker.id, seen['issue']['tracker_id']
    body = commit(seen, changes: { tracker_id: @keys['tracker:ti'], status_id: @keys['status:jadwal'], custom_fields: { cf('field:nim') => '123' } })
    assert_response :ok, response.body
    assert_equal [@keys['tracker:ti'], @keys['status:jadwal']], body['issue'].values_at('tracker_id', 'status_id')
    values = body['issue']['custom_fields'].to_h { |field| [field['id'].to_s, field['value']] }
    assert_equal '123', values[cf('field:nim')]
  end

  test 'null clears' do
    seen = make(assigned_to_id: @keys['group:helpdesk'], due_date: '2031-01-01',
                custom_fields: { cf('field:nim') => '1', cf('field:jenis') => ['Jaringan'] })
    body = commit(seen, changes: { assigned_to_id: nil, due_date: nil, custom_fields: { cf('field:nim') => nil, cf('field:jenis') => nil } })
    assert_response :ok, response.body
    assert_equal [nil, nil], body['issue'].values_at('assigned_to', 'due_date')
    values = body['issue']['custom_fields'].to_h { |field| [field['id'].to_s, field['value']] }
    assert_equal ['', []], values.values_at(cf('field:nim'), cf('field:jenis'))
  end

  test 'a state alone leaves the issue untouched' do
    seen = make(assigned_to_id: @keys['group:helpdesk'], custom_fields: { cf('field:jenis') => %w[Jaringan Aplikasi] })
    Issue.where(id: seen['issue']['id']).update_all(updated_on: 1.day.ago)
    before = Issue.find(seen['issue']['id'])
    body = commit(seen, changes: { assigned_to_id: @keys['group:helpdesk'], status_id: @keys['status:masuk'],
                                   subject: 'Minta', custom_fields: { cf('field:jenis') => %w[Aplikasi Jaringan] } })
    assert_response :ok
    assert_nil body['journal']
    after = Issue.find(before.id)
    assert_equal [before.updated_on, before.lock_version], [after.updated_on, after.lock_version]
    assert_equal [2, 0], body['state'].values_at('version', 'cursor')
  end

  test 'somebody wrote in between: conflict, nothing written, tokens still good' do
    seen = make
    edit(Issue.find(seen['issue']['id']), @helpdesk, 'notes' => 'duluan')
    file = upload('s.pdf')
    commit(seen, changes: { subject: 'Baru' }, uploads: [{ token: file.token, filename: 's.pdf' }])
    assert_response :conflict
    assert_equal 'Minta', Issue.find(seen['issue']['id']).subject
    assert_equal 1, SopState.find_by!(number: 'UJI-2026-000001').version
    assert_nil file.reload.container
  end

  test 'an older state is a conflict' do
    seen = make
    commit(seen)
    assert_response :ok
    commit(seen)
    assert_response :conflict
    new_one = { 'issue' => { 'id' => new_issue.id }, 'last_journal' => 0, 'state' => { 'version' => 1 } }
    commit(new_one)
    assert_response :conflict
  end

  test 'a first state for an issue made by staff' do
    body = commit({ 'issue' => { 'id' => new_issue.id }, 'last_journal' => 0 }, notes: 'Diterima')
    assert_response :ok, response.body
    assert_equal 1, body['state']['version']
  end

  test 'a private note with changes makes two journals; the cursor is behind both' do
    body = commit(make(assigned_to_id: @keys['group:helpdesk']), changes: { subject: 'Baru' }, notes: 'rahasia', private_notes: true)
    assert_response :ok, response.body
    assert_equal [[false, ''], [true, 'rahasia']], body['journals'].map { |j| j.values_at('private_notes', 'notes') }
    assert_equal [body['journals'].last['id']] * 3, [body['last_journal'], body['journal'], body['state']['cursor']]
    assert_empty mailed_to # the second journal is Redmine's own and would mail
  end

  test 'mails only when asked' do
    seen = make(assigned_to_id: @keys['group:helpdesk'])
    commit(seen, notes: 'Mohon dilihat', notify: true)
    assert_includes mailed_to, 'uji-helpdesk@example.net'
  end

  test 'what Redmine ignores is refused by name and rolled back' do
    seen = make
    answer = commit(seen, changes: { status_id: @keys['status:tutup'], subject: 'Baru' }, notes: 'Hilang')
    assert_response :unprocessable_entity
    assert_match(/status_id/, answer['errors'].join)
    issue = Issue.find(seen['issue']['id'])
    assert_equal ['Minta', 0], [issue.subject, issue.journals.count]
    assert_equal 1, SopState.find_by!(issue_id: issue.id).version
  end

  test 'each value that was not taken is named' do
    WorkflowPermission.create!(tracker_id: @keys['tracker:ti'], old_status_id: @keys['status:masuk'], rule: 'readonly',
                               role_id: @keys['role:connector'], field_name: 'due_date')
    WorkflowPermission.create!(tracker_id: @keys['tracker:ti'], old_status_id: @keys['status:masuk'], rule: 'readonly',
                               role_id: @keys['role:connector'], field_name: cf('field:paraf'))
    answer = commit(make, changes: { due_date: '2031-01-01', custom_fields: { cf('field:paraf') => 'x' } })
    assert_response :unprocessable_entity
    assert_equal 2, answer['errors'].size
    assert_match(/due_date.*Uji Paraf/m, answer['errors'].join("\n"))
  end

  test 'a private note that would become public is refused' do
    Role.find(@keys['role:connector']).remove_permission!(:set_notes_private)
    seen = make
    commit(seen, notes: 'rahasia', private_notes: true)
    assert_response :unprocessable_entity
    assert_equal 0, Journal.where(journalized_id: seen['issue']['id']).count
  end

  test 'a note without its permission is refused' do
    Role.find(@keys['role:connector']).remove_permission!(:add_issue_notes, :edit_issues)
    commit(make, notes: 'x')
    assert_response :unprocessable_entity
  end

  test 'validations of Redmine come back as they are' do
    seen = make
    answer = commit(seen, changes: { subject: '' })
    assert_response :unprocessable_entity
    assert answer['errors'].any?
    commit(seen, field_files: [{ field_id: @keys['field:surat'], token: upload('jahat.exe').token }])
    assert_response :unprocessable_entity
    commit(seen, uploads: [{ token: '1.2', filename: 'x' }])
    assert_response :unprocessable_entity
  end

  test 'the number of another ticket is a conflict' do
    make
    two = make(number: 'UJI-2026-000002', submission: 'kirim-2')
    commit(two, state: { number: 'UJI-2026-000001', submission: 'kirim-2', data: {} })
    assert_response :conflict
  end

  test 'a closed project refuses writing and lets read' do
    seen = make
    Project.find(@keys['project:uji']).close
    call_api(:get, "/sop/issues/#{seen['issue']['id']}.json")
    assert_response :ok
    commit(seen, changes: { subject: 'Baru' })
    assert_response :unprocessable_entity
  end

  test 'the connector can take an issue out of a status that the workflow no longer has' do
    seen = make
    move = { status_id: @keys['status:jadwal'] }
    WorkflowTransition.where(tracker_id: @keys['tracker:ti'], old_status_id: @keys['status:masuk'], role_id: SopObject.connector_role_id).delete_all
    commit(seen, changes: move)
    assert_response :unprocessable_entity
    WorkflowTransition.where(tracker_id: @keys['tracker:ti'], old_status_id: @keys['status:masuk']).delete_all
    issue = Issue.find(seen['issue']['id'])
    assert_empty issue.new_statuses_allowed_to(@helpdesk)
    commit(seen, changes: move)
    assert_response :ok, response.body
    assert_equal @keys['status:jadwal'], issue.reload.status_id
  end
end
