# frozen_string_literal: true

require_relative '../test_helper'

class ErasureTest < SopApiTest
  GONE = '(dianonimkan)'

  # A ticket whose number, file and history tell of a person.
  setup do
    seen = make(custom_fields: { cf('field:nim') => 'NIM-BUDI' }, subject: 'Permohonan Budi')
    @id = seen['issue']['id']
    seen = commit(seen, changes: { custom_fields: { cf('field:nim') => 'NIM-BUDI-2' } }, notes: 'Kata Budi: tolong',
                        field_files: [{ field_id: @keys['field:surat'], token: upload('Budi.pdf').token }],
                        uploads: [{ token: upload('Rapat Budi.pdf').token, filename: 'Rapat Budi.pdf' }])
    assert_response :ok, response.body
    SopSender.create!(issue_id: @id, mail: 'budi@example.net', name: 'Budi')
    @seen = call_api(:get, "/sop/issues/#{@id}.json")
    ActionMailer::Base.deliveries.clear
  end

  def wishes(**more)
    journal = @seen['journals'].last
    details = journal['details'].select { |d| [cf('field:nim'), cf('field:surat')].include?(d['prop_key']) || d['property'] == 'attachment' }
    { expected_journal: @seen['last_journal'], expected_version: @seen['state']['version'],
      texts: { subject: "Permohonan #{GONE}" }, fields: { cf('field:nim') => nil, cf('field:surat') => nil },
      notes: { journal['id'].to_s => "Kata #{GONE}: tolong" },
      details: details.to_h { |d| [d['id'].to_s, [d['old_value'] && GONE, d['value'] && GONE]] },
      files: { @seen['attachments'].first['id'].to_s => { filename: 'Rapat dianonimkan.pdf' } },
      delete_files: [@seen['files'].first['id']], forget_sender: true, note: 'Data pribadi dianonimkan.',
      state: { langkah: 2, anonymized: '2031-01-01T00:00:00Z' } }.merge(more)
  end

  def erase(body = wishes, as: admin)
    call_api(:post, "/sop/issues/#{@id}/erase.json", body, as: as)
  end

  # Every text of the issue in the database, its history and files too.
  def everything
    journals = Journal.where(journalized_type: 'Issue', journalized_id: @id)
    details = JournalDetail.where(journal_id: journals.select(:id))
    values = CustomValue.where(customized_type: 'Issue', customized_id: @id)
    files = Attachment.where(container_type: 'Issue', container_id: @id)
    rows = [Issue.where(id: @id), journals, details, values, files, SopSender.where(issue_id: @id), SopState.where(issue_id: @id)]
    rows.flat_map { |scope| scope.map { |row| row.attributes.values.join(' ') } }.join("\n")
  end

  test 'nothing of the person is left, in the history neither; number, steps and times stay' do
    file = Attachment.find(@seen['files'].first['id'])
    Issue.where(id: @id).update_all(updated_on: Time.utc(2030, 1, 1))
    before = Issue.find(@id)
    body = erase
    assert_response :ok, response.body
    assert_no_match(/budi/i, everything)
    assert_not File.exist?(file.diskfile)
    assert_equal @seen['journals'].map { |j| j.values_at('id', 'created_on') }, body['journals'].first(1).map { |j| j.values_at('id', 'created_on') }
    assert_equal [true, 'Data pribadi dianonimkan.'], body['journals'].last.values_at('private_notes', 'notes')
    assert_equal [body['last_journal'], 3, 'UJI-2026-000001'], body['state'].values_at('cursor', 'version', 'number')
    assert_equal '2031-01-01T00:00:00Z', body['state']['data']['anonymized']
    after = Issue.find(@id)
    assert_equal [before.updated_on, before.status_id], [after.updated_on, after.status_id]
    assert_empty mailed_to
    get "/issues/#{@id}.json?include=journals", headers: { 'X-Redmine-API-Key' => admin.api_key }
    assert_response :ok
    assert_no_match(/budi/i, response.body)
  end

  test 'administrators alone' do
    erase(as: connector)
    assert_response :forbidden
    erase(as: nil)
    assert_response :unauthorized
    assert_match(/Budi/, everything)
  end

  test 'somebody wrote in between: conflict, nothing is overwritten' do
    edit(Issue.find(@id), @helpdesk, 'notes' => 'duluan')
    erase
    assert_response :conflict
    assert_match(/Kata Budi/, everything)
    assert Attachment.exists?(@seen['files'].first['id'])
  end

  test 'what belongs to another issue is refused, and everything stays as it is' do
    other = new_issue(subject: 'Milik lain')
    edit(other, @helpdesk, 'notes' => 'milik lain')
    stranger = Issue.find(other.id)
    file = upload('lain.pdf')
    file.update!(container: stranger)
    { notes: { stranger.last_journal_id.to_s => 'x' }, delete_files: [file.id],
      files: { file.id.to_s => { filename: 'x' } } }.each do |name, value|
      answer = erase(wishes(name => value))
      assert_response :unprocessable_entity
      assert_match(/#{name}/, answer['errors'].join)
      assert_match(/Permohonan Budi/, everything)
    end
    assert Attachment.exists?(file.id)
  end

  test 'wrong shapes are named' do
    { texts: { status_id: '1' }, fields: { nim: 'x' }, notes: { '1' => nil }, details: { '1' => ['x'] },
      files: { '1' => { container_id: '1' } }, delete_files: ['1'], note: '', state: {}, more: 1 }.each do |name, value|
      answer = erase(wishes(name => value))
      assert_response :bad_request, name.to_s
      assert_match(/#{name}/, answer['errors'].join)
    end
  end

  test 'a form that was open before cannot write the old values back' do
    stale = Issue.find(@id)
    erase
    assert_response :ok
    stale.init_journal(@helpdesk)
    stale.subject = 'Permohonan Budi'
    assert_raises(ActiveRecord::StaleObjectError) { stale.save }
  end
end
