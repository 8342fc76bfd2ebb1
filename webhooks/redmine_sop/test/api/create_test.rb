# frozen_string_literal: true

require_relative '../test_helper'

class CreateTest < SopApiTest
  test 'an issue is made with its state, fields and files' do
    body = make(assigned_to_id: @keys['group:helpdesk'], due_date: '2020-01-01', done_ratio: 10,
                custom_fields: { cf('field:nim') => '123', cf('field:jenis') => ['Aplikasi'] },
                field_files: [{ field_id: @keys['field:surat'], token: upload('surat.pdf').token }],
                uploads: [{ token: upload('x.pdf').token, filename: 'ktp.pdf', content_type: 'application/pdf', description: 'KTP' }])
    issue = Issue.find(body['issue']['id'])
    assert_equal connector, issue.author
    assert_equal @keys['status:masuk'], issue.status_id
    assert_equal Date.new(2020, 1, 1), issue.due_date # overdue at birth: it waited for Redmine
    assert_equal ['ktp.pdf'], issue.attachments.map(&:filename)
    assert_equal ['surat.pdf'], body['files'].map { |f| f['filename'] }
    assert_equal({ 'number' => 'UJI-2026-000001', 'submission' => 'kirim-1', 'cursor' => 0, 'version' => 1, 'data' => { 'langkah' => 1 } },
                 body['state'])
    assert_empty mailed_to
  end

  test 'the state is kept to the letter' do
    data = { 'kosong' => [], 'nihil' => [nil, {}], 'teks' => "é\n", 'angka' => 1.5 }
    body = make(state: { number: 'UJI-1', submission: 's', data: data })
    assert_equal data, body['state']['data']
    assert_equal data, call_api(:get, '/sop/tickets/UJI-1.json')['state']['data']
  end

  test 'the same submission again gives the same issue and writes nothing' do
    first = make
    assert_no_difference ['Issue.count', 'SopState.count'] do
      again = call_api(:post, '/sop/issues.json', creation(subject: 'Lain', number: 'UJI-2026-000009'))
      assert_response :ok
      assert_equal first['issue'], again['issue']
      assert_equal first['state'], again['state']
    end
  end

  test 'a number of another submission is a conflict' do
    make
    assert_no_difference 'Issue.count' do
      answer = call_api(:post, '/sop/issues.json', creation(submission: 'kirim-2'))
      assert_response :conflict
      assert_includes answer['errors'].first, 'UJI-2026-000001'
    end
  end

  test 'what Redmine refuses or ignores rolls everything back, and is named' do
    cases = {
      'Uji NIM' => { custom_fields: { cf('field:nim') => 'x' * 30 } },
      'status_id' => { status_id: @keys['status:tutup'] },
      'assigned_to' => { assigned_to_id: admin.id },
      'Isian 99999' => { custom_fields: { '99999' => 'x' } },
      'Uji Surat' => { field_files: [{ field_id: @keys['field:surat'], token: '1.abc' }] }
    }
    cases.each do |name, more|
      assert_no_difference ['Issue.count', 'SopState.count'], name do
        answer = call_api(:post, '/sop/issues.json', creation(**more))
        assert_response :unprocessable_entity, name
        assert_match(/#{name}|Ditugaskan/i, answer['errors'].join, name)
      end
    end
  end

  test 'upload tokens stay good after a refusal' do
    file = upload('a.pdf')
    call_api(:post, '/sop/issues.json', creation(status_id: @keys['status:tutup'], uploads: [{ token: file.token, filename: 'a.pdf' }]))
    assert_response :unprocessable_entity
    assert_nil file.reload.container
    assert_equal ['a.pdf'], make(uploads: [{ token: file.token, filename: 'a.pdf' }])['attachments'].map { |a| a['filename'] }
  end

  test 'mails only when asked' do
    make(notify: true, assigned_to_id: @keys['group:helpdesk'])
    assert_includes mailed_to, 'uji-helpdesk@example.net'
  end

  test 'no submission, no issue' do
    call_api(:post, '/sop/issues.json', creation(state: { number: 'UJI-1', data: {} }))
    assert_response :bad_request
  end

  test 'a foreign project or tracker is not found' do
    call_api(:post, '/sop/issues.json', creation(project_id: 99_999))
    assert_response :not_found
    call_api(:post, '/sop/issues.json', creation(tracker_id: Tracker.where.not(id: @keys['tracker:ti']).first.id))
    assert_response :not_found
  end
end
