# frozen_string_literal: true

require_relative '../test_helper'

class GuardTest < SopApiTest

  def at_jadwal
    issue = new_issue
    edit(issue, admin, 'status_id' => @keys['status:jadwal'], 'custom_field_values' => { cf('field:surat') => { 'token' => upload('s.pdf').token } })
    assert_equal @keys['status:jadwal'], issue.reload.status_id
    issue
  end

  test 'a move cannot carry a field that was read-only until then' do
    issue = new_issue
    file = upload('s.pdf', author: @helpdesk)
    forged = { status_id: @keys['status:jadwal'], custom_fields: [{ id: @keys['field:surat'], value: { token: file.token } },
                                                                  { id: @keys['field:paraf'], value: 'Kepala Divisi' }] }
    answer = call_api(:put, "/issues/#{issue.id}.json", { issue: forged }, as: @helpdesk)
    assert_response :unprocessable_entity
    assert_match(/Uji Paraf/, answer['errors'].join)
    assert_equal @keys['status:masuk'], issue.reload.status_id

    forged[:custom_fields].pop
    call_api(:put, "/issues/#{issue.id}.json", { issue: forged }, as: @helpdesk)
    assert_response :no_content
    assert_equal @keys['status:jadwal'], issue.reload.status_id
  end

  test 'a core field too' do
    issue = edit(new_issue, @helpdesk, 'status_id' => @keys['status:jadwal'], 'due_date' => '2031-01-01',
                                       'custom_field_values' => { cf('field:surat') => { 'token' => upload('s.pdf').token } })
    assert_not_empty issue.errors
    assert_nil Issue.find(issue.id).due_date
  end

  test 'evidence does not change while the ticket stays' do
    issue = at_jadwal
    answer = call_api(:put, "/issues/#{issue.id}.json", { issue: { custom_fields: [{ id: @keys['field:surat'], value: { token: upload('lain.pdf').token } }] } }, as: @kadiv)
    assert_response :unprocessable_entity
    assert_match(/Uji Surat/, answer['errors'].join)
    call_api(:put, "/issues/#{issue.id}.json", { issue: { notes: 'Boleh mencatat' } }, as: @kadiv)
    assert_response :no_content
    assert_equal 's.pdf', Attachment.find(Issue.find(issue.id).custom_field_value(@keys['field:surat'])).filename
  end

  test 'evidence that is missing may still be given' do
    issue = new_issue
    issue.update_columns(status_id: @keys['status:jadwal']) # as an administrator's repair may leave it
    edited = edit(issue, @kadiv, 'custom_field_values' => { cf('field:surat') => { 'token' => upload('s.pdf').token } })
    assert_empty edited.errors
  end

  test 'evidence may change in a move' do
    issue = edit(at_jadwal, @kadiv, 'status_id' => @keys['status:tutup'],
                                    'custom_field_values' => { cf('field:surat') => { 'token' => upload('akhir.pdf').token } })
    assert_empty issue.errors
  end

  test 'the connector may do both' do
    issue = edit(at_jadwal, connector, 'custom_field_values' => { cf('field:surat') => { 'token' => upload('baru.pdf').token } })
    assert_empty issue.errors
    WorkflowPermission.create!(tracker_id: @keys['tracker:ti'], old_status_id: @keys['status:jadwal'], rule: 'readonly',
                               role_id: @keys['role:connector'], field_name: 'due_date')
    issue = edit(issue, connector, 'status_id' => @keys['status:masuk'], 'due_date' => '2031-01-01')
    assert_empty issue.errors
  end

  test 'who moves a ticket to another tracker says why, and what its fields held stays in the history' do
    tracker = Tracker.create!(name: 'Uji Lain', default_status_id: @keys['status:masuk'])
    SopObject.create!(kind: 'tracker', key: 'tracker:lain', ref_id: tracker.id)
    Project.find(@keys['project:uji']).trackers << tracker
    IssueCustomField.find(@keys['field:nim']).trackers << tracker
    issue = new_issue
    file = upload('s.pdf')
    edit(issue, admin, 'custom_field_values' => { cf('field:nim') => '7', cf('field:paraf') => 'P', cf('field:surat') => { 'token' => file.token } })
    silent = edit(issue, @helpdesk, 'tracker_id' => tracker.id)
    assert_match(/alasan|why/, silent.errors.full_messages.join)
    assert_equal @keys['tracker:ti'], Issue.find(issue.id).tracker_id

    said = edit(issue, @helpdesk, 'tracker_id' => tracker.id, 'notes' => 'Salah layanan')
    assert_empty said.errors
    issue = Issue.find(issue.id)
    assert_equal [tracker.id, '7'], [issue.tracker_id, issue.custom_field_value(@keys['field:nim'])]
    lost = issue.journals.last.details.select { |detail| detail.property == 'cf' }
    assert_equal({ cf('field:paraf') => ['P', nil], cf('field:surat') => [file.id.to_s, nil] },
                 lost.to_h { |detail| [detail.prop_key, [detail.old_value, detail.value]] })
    assert_equal 2, lost.size
    assert_equal issue, file.reload.container
  end

  test 'other trackers are left alone' do
    tracker = Tracker.where.not(id: @keys['tracker:ti']).first
    project = Project.find(@keys['project:uji'])
    project.trackers << tracker
    field = IssueCustomField.find(@keys['field:paraf'])
    field.trackers << tracker
    role = @keys['role:helpdesk']
    statuses = IssueStatus.where(id: @keys.values_at('status:masuk', 'status:jadwal')).to_a
    WorkflowTransition.create!(tracker: tracker, old_status: statuses[0], new_status: statuses[1], role_id: role)
    WorkflowPermission.create!(tracker: tracker, old_status: statuses[0], role_id: role, field_name: field.id.to_s, rule: 'readonly')
    issue = Issue.create!(project: project, tracker: tracker, subject: 'Biasa', author: @helpdesk, status: statuses[0])
    issue = edit(issue, @helpdesk, 'status_id' => statuses[1].id, 'custom_field_values' => { cf('field:paraf') => 'bebas' })
    assert_empty issue.errors
    assert_equal 'bebas', Issue.find(issue.id).custom_field_value(field)
  end
end
