# frozen_string_literal: true

require_relative '../test_helper'

class EvidenceKeeperTest < ActiveSupport::TestCase
  include SopTestData

  setup { prepare_sop }

  def give(issue, file)
    edit(issue, connector, 'custom_field_values' => { cf('field:surat') => file ? { 'token' => file.token } : '' })
  end

  test 'a replaced file stays with the issue' do
    issue = new_issue
    old = upload('lama.pdf')
    fresh = upload('baru.pdf')
    assert_empty give(issue, old).errors
    give(issue, fresh)
    assert_equal issue, old.reload.container
    assert File.exist?(old.diskfile)
    assert_equal 'Berkas lama: Uji Surat', old.description
    assert_instance_of CustomValue, fresh.reload.container
    assert_equal [old], issue.reload.attachments.to_a
  end

  test 'a cleared file stays, also on an issue that was reloaded' do
    issue = new_issue
    old = upload('lama.pdf')
    give(issue, old)
    issue.reload
    issue.init_journal(connector)
    issue.reload
    issue.custom_field_values = { cf('field:surat') => '' }
    assert issue.save
    assert_equal issue, old.reload.container
    assert_equal '', issue.reload.custom_field_value(@keys['field:surat']).to_s
  end

  test 'saving something else leaves the file where it is' do
    issue = new_issue
    file = upload('lama.pdf')
    give(issue, file)
    edit(issue, connector, 'subject' => 'Lain')
    assert_instance_of CustomValue, file.reload.container
  end

  test 'elsewhere Redmine deletes as ever' do
    issue = new_issue
    old = upload('lama.pdf')
    give(issue, old)
    SopObject.where(kind: 'tracker').delete_all
    give(issue, upload('baru.pdf'))
    assert_not Attachment.exists?(old.id)
  end
end
