# frozen_string_literal: true

require_relative '../test_helper'

class MailOriginTest < ActiveSupport::TestCase
  include SopTestData

  setup do
    prepare_sop
    Setting.default_language = 'id'
  end

  def raw(from: 'Sari Melati <sari@luar.example>', headers: {}, subject: 'Wi-Fi mati', body: 'Sejak Senin.')
    lines = { 'From' => from, 'To' => 'layanan@example.net', 'Subject' => subject, 'Message-ID' => "<#{SecureRandom.hex}@luar.example>",
              'MIME-Version' => '1.0', 'Content-Type' => 'text/plain; charset=UTF-8' }.merge(headers)
    "#{lines.map { |name, value| "#{name}: #{value}" }.join("\r\n")}\r\n\r\n#{body}\r\n"
  end

  def receive(mail, **options)
    issue = { project: 'uji-sop', tracker: 'Uji Layanan TI' }
    MailHandler.receive(mail, { issue: issue, unknown_user: 'accept', no_permission_check: '1' }.merge(options))
  ensure
    User.current = nil
  end

  def sender(issue)
    RedmineSop::Snapshot.new(Issue.find(issue.id)).to_h[:sender]
  end

  test 'the sender without an account is kept beside the issue, whose author is nobody' do
    issue = receive(raw)
    assert_equal [User.anonymous, @keys['status:masuk'], 'Wi-Fi mati'], [issue.author, issue.status_id, issue.subject]
    assert_equal({ mail: 'sari@luar.example', name: 'Sari Melati' }, sender(issue))
  end

  test 'a name in another alphabet, and none' do
    issue = receive(raw(from: '=?UTF-8?Q?S=C3=A9kar_Ay=C3=BA?= <sekar@luar.example>'))
    assert_equal({ mail: 'sekar@luar.example', name: 'Sékar Ayú' }, sender(issue))
    assert_equal({ mail: 'tanpa@luar.example', name: '' }, sender(receive(raw(from: 'tanpa@luar.example'))))
  end

  test 'the sender with an account, old or made by the mail' do
    assert_equal @helpdesk.mail, sender(receive(raw(from: @helpdesk.mail)))[:mail]
    made = receive(raw(from: 'Budi Baru <budi@luar.example>'), unknown_user: 'create', no_account_notice: '1')
    assert_equal 'budi@luar.example', made.author.mail
    assert_equal({ mail: 'budi@luar.example', name: 'Budi Baru' }, sender(made))
  end

  test 'an issue that did not come by mail, or is not ours, has no sender' do
    assert_nil sender(new_issue)
    receive(raw)
    assert_nil sender(new_issue(subject: 'Sesudahnya'))
    tracker = Tracker.where.not(id: @keys['tracker:ti']).first
    Project.find(@keys['project:uji']).trackers << tracker
    other = receive(raw, issue: { project: 'uji-sop', tracker: tracker.name })
    assert other.persisted?
    assert_nil sender(other)
  end

  test 'the sender goes with the issue' do
    receive(raw).destroy
    assert_equal 0, SopSender.count
  end

  test 'an answer to a mail about a ticket is a note on it, if the ticket names the sender' do
    issue = new_issue(custom_field_values: { cf('field:nim') => 'sari@luar.example' })
    SopState.create!(issue_id: issue.id, number: 'UJI-2026-000001', data: {})
    note = assert_no_difference('Issue.count') { receive(raw(from: 'Sari@luar.example', subject: 'Re: [UJI-2026-000001] Kabar')) }
    assert_equal [issue, "Sari@luar.example:\n\nSejak Senin."], [note.journalized, note.notes]
    assert_equal @keys['status:masuk'], issue.reload.status_id
    ['Re: [UJI-2026-000002] Kabar', 'Re: UJI-2026-000001'].each do |subject|
      assert_difference('Issue.count') { receive(raw(subject: subject)) }
    end
    stranger = assert_difference('Issue.count') { receive(raw(from: 'orang@luar.example', subject: '[UJI-2026-000001]')) }
    assert_equal 'Sejak Senin.', stranger.description
  end

  AUTOMATIC = {
    'absence notice' => { 'Auto-Submitted' => 'auto-replied' }, 'our own mail' => { 'Auto-Submitted' => 'auto-generated' },
    'bulk' => { 'Precedence' => 'bulk' }, 'old absence notice' => { 'Precedence' => 'auto_reply' },
    'autoresponder' => { 'X-Autorespond' => 'Re: Wi-Fi' }, 'no sender to return to' => { 'Return-Path' => '<>' },
    'bounce' => { 'Content-Type' => 'multipart/report; report-type=delivery-status; boundary=x' }
  }.freeze

  AUTOMATIC.each do |name, headers|
    test "automatic mail makes no ticket and no note: #{name}" do
      issue = new_issue
      assert_no_difference(%w[Issue.count Journal.count SopSender.count]) do
        assert_not receive(raw(headers: headers))
        assert_not receive(raw(headers: headers, subject: "Re: [Uji ##{issue.id}]"))
      end
    end
  end

  test 'neither does the mail system itself' do
    assert_no_difference('Issue.count') { assert_not receive(raw(from: 'MAILER-DAEMON@luar.example')) }
  end

  test 'a mail from a person with a return path and a list is a ticket; other trackers take what they took' do
    assert receive(raw(headers: { 'Return-Path' => '<sari@luar.example>', 'Precedence' => 'list' })).persisted?
    tracker = Tracker.where.not(id: @keys['tracker:ti']).first
    Project.find(@keys['project:uji']).trackers << tracker
    assert receive(raw(headers: { 'Precedence' => 'bulk' }), issue: { project: 'uji-sop', tracker: tracker.name }).persisted?
  end
end
