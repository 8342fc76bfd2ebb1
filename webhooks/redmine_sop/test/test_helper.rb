# frozen_string_literal: true

# Runs in any Redmine (test database, migrated, default data). No fixtures: Debian's package has none.
ENV['RAILS_ENV'] = 'test'
require File.expand_path('../../../config/environment', __dir__)
# The database is migrated by Redmine's tasks, plugins included; Rails would load a schema over it.
(ActiveRecord.respond_to?(:maintain_test_schema=) ? ActiveRecord : ActiveRecord::Base).maintain_test_schema = false
require 'rails/test_help'
require 'mocha/minitest'

module SopTestData
  BLUEPRINT = {
    'settings' => { 'issue_group_assignment' => '1' },
    'statuses' => [
      { 'key' => 'status:masuk', 'name' => 'Uji Masuk', 'is_closed' => false },
      { 'key' => 'status:jadwal', 'name' => 'Uji Jadwal', 'is_closed' => false },
      { 'key' => 'status:tutup', 'name' => 'Uji Tutup', 'is_closed' => true }
    ],
    'roles' => [
      { 'key' => 'role:helpdesk', 'name' => 'Uji Helpdesk', 'issues_visibility' => 'all', 'assignable' => true,
        'permissions' => %w[view_issues add_issues edit_issues add_issue_notes] },
      { 'key' => 'role:kadiv', 'name' => 'Uji Kadiv', 'issues_visibility' => 'all', 'assignable' => true,
        'permissions' => %w[view_issues edit_issues add_issue_notes] }
    ],
    'groups' => [{ 'key' => 'group:helpdesk', 'name' => 'Uji Kelompok Helpdesk' },
                 { 'key' => 'group:kadiv', 'name' => 'Uji Kelompok Kadiv' }],
    'fields' => [
      { 'key' => 'field:nim', 'name' => 'Uji NIM', 'format' => 'string', 'max_length' => 20, 'visible_to' => ['role:helpdesk'],
        'is_filter' => true, 'trackers' => ['tracker:ti'], 'projects' => ['project:uji'] },
      { 'key' => 'field:jenis', 'name' => 'Uji Jenis', 'format' => 'list', 'possible_values' => %w[Jaringan Aplikasi],
        'multiple' => true, 'visible_to' => nil, 'trackers' => ['tracker:ti'], 'projects' => ['project:uji'] },
      { 'key' => 'field:surat', 'name' => 'Uji Surat', 'format' => 'attachment', 'extensions_allowed' => 'pdf',
        'visible_to' => nil, 'trackers' => ['tracker:ti'], 'projects' => ['project:uji'] },
      { 'key' => 'field:paraf', 'name' => 'Uji Paraf', 'format' => 'string', 'visible_to' => nil,
        'trackers' => ['tracker:ti'], 'projects' => ['project:uji'] }
    ],
    'trackers' => [{ 'key' => 'tracker:ti', 'name' => 'Uji Layanan TI', 'description' => 'POS', 'default_status' => 'status:masuk',
                     'disabled_core_fields' => %w[parent_issue_id category_id] }],
    'projects' => [
      { 'key' => 'project:uji', 'identifier' => 'uji-sop', 'name' => 'Uji SOP', 'description' => '', 'is_public' => false,
        'modules' => ['issue_tracking'], 'trackers' => ['tracker:ti'],
        'members' => [{ 'group' => 'group:helpdesk', 'login' => nil, 'roles' => ['role:helpdesk'] },
                      { 'group' => 'group:kadiv', 'login' => nil, 'roles' => ['role:kadiv'] },
                      { 'group' => nil, 'login' => 'sop-connector', 'roles' => ['role:connector'] }] }
    ],
    'transitions' => [
      { 'tracker' => 'tracker:ti', 'from' => nil, 'to' => 'status:masuk', 'roles' => %w[role:helpdesk role:connector] },
      { 'tracker' => 'tracker:ti', 'from' => 'status:masuk', 'to' => 'status:jadwal', 'roles' => %w[role:helpdesk role:connector] },
      { 'tracker' => 'tracker:ti', 'from' => 'status:jadwal', 'to' => 'status:tutup', 'roles' => %w[role:kadiv role:connector] },
      { 'tracker' => 'tracker:ti', 'from' => 'status:jadwal', 'to' => 'status:masuk', 'roles' => ['role:connector'] }
    ],
    'rules' => [
      { 'tracker' => 'tracker:ti', 'status' => 'status:jadwal', 'field' => 'field:surat', 'rule' => 'required',
        'roles' => %w[role:helpdesk role:kadiv] },
      { 'tracker' => 'tracker:ti', 'status' => 'status:masuk', 'field' => 'field:paraf', 'rule' => 'readonly',
        'roles' => %w[role:helpdesk role:kadiv] },
      { 'tracker' => 'tracker:ti', 'status' => 'status:masuk', 'field' => 'due_date', 'rule' => 'readonly',
        'roles' => ['role:helpdesk'] }
    ],
    'queries' => [
      { 'key' => 'query:antre', 'project' => 'project:uji', 'name' => 'Uji Antre', 'columns' => %w[id subject field:jenis],
        'filters' => { 'status_id' => { 'operator' => '=', 'values' => ['status:masuk'] },
                       'field:nim' => { 'operator' => '*', 'values' => [''] } },
        'sort' => [%w[due_date asc]], 'group_by' => 'status' }
    ]
  }.freeze

  def blueprint
    BLUEPRINT.deep_dup
  end

  def find_entry(sections, section, key)
    sections[section].detect { |entry| entry['key'] == key }
  end

  def admin
    User.find_by_login('admin')
  end

  def connector
    User.find_by_login('sop-connector')
  end

  # The connector, one project after the blueprint, and one person in each group.
  def prepare_sop
    User.current = admin
    @setup = RedmineSop::Setup.new(webhook_url: '').call
    answer = RedmineSop::Blueprint.new(blueprint, apply: true).call
    assert answer[:applied], answer.inspect
    @keys = answer[:keys]
    @helpdesk = person('uji-helpdesk', 'group:helpdesk')
    @kadiv = person('uji-kadiv', 'group:kadiv')
    User.current = nil
  end

  def person(login, group)
    user = User.new(firstname: login, lastname: 'Uji', mail: "#{login}@example.net", language: 'id', status: 1)
    user.login = login
    user.password = user.password_confirmation = 'rahasia-panjang-1'
    user.save!
    Group.find(@keys[group]).users << user
    User.find(user.id)
  end

  # An issue as a person of the helpdesk makes it.
  def new_issue(attributes = {})
    issue = Issue.new(project_id: @keys['project:uji'], tracker_id: @keys['tracker:ti'], subject: 'Uji', author: @helpdesk,
                      status_id: @keys['status:masuk'])
    issue.assign_attributes(attributes)
    issue.save!
    Issue.find(issue.id)
  end

  # As IssuesController does it; returns the issue, saved or with errors.
  def edit(issue, user, attributes)
    User.current = user
    issue = Issue.find(issue.id)
    issue.init_journal(user)
    issue.safe_attributes = attributes.with_indifferent_access
    issue.save
    issue
  ensure
    User.current = nil
  end

  def upload(name, content = "%PDF-1.4 #{name}", author: connector)
    Attachment.create!(file: content, filename: name, author: author, content_type: 'application/pdf')
  end

  def cf(key)
    @keys[key].to_s
  end
end

class SopApiTest < ActionDispatch::IntegrationTest
  include SopTestData
  include ActiveJob::TestHelper

  setup do
    prepare_sop
    perform_enqueued_jobs
    ActionMailer::Base.deliveries.clear
  end

  # Rails 6 takes this adapter by itself, later ones take Redmine's.
  def queue_adapter_for_test
    ActiveJob::QueueAdapters::TestAdapter.new
  end

  # Redmine mails from jobs, which a test has to run.
  def mailed_to
    perform_enqueued_jobs
    ActionMailer::Base.deliveries.flat_map(&:to)
  end

  def key_of(user)
    user&.api_key
  end

  def call_api(method, path, body = nil, as: connector)
    headers = { 'Content-Type' => 'application/json' }
    headers['X-Redmine-API-Key'] = key_of(as) if as
    public_send(method, path, params: body.is_a?(String) ? body : body&.to_json, headers: headers)
    response.body.present? ? JSON.parse(response.body) : nil
  end

  def creation(number: 'UJI-2026-000001', submission: 'kirim-1', **more)
    { project_id: @keys['project:uji'], tracker_id: @keys['tracker:ti'], status_id: @keys['status:masuk'], subject: 'Minta',
      description: "Satu\nDua", notify: false, custom_fields: { cf('field:nim') => '123' },
      state: { number: number, submission: submission, data: { langkah: 1 } } }.merge(more)
  end

  def make(**more)
    answer = call_api(:post, '/sop/issues.json', creation(**more))
    assert_response :created, response.body
    answer
  end

  def commit(seen, **more)
    body = { expected_journal: seen['last_journal'], expected_version: seen.dig('state', 'version') || 0, changes: {},
             state: { number: 'UJI-2026-000001', submission: 'kirim-1', data: { langkah: 2 } } }.merge(more)
    call_api(:post, "/sop/issues/#{seen['issue']['id']}/commit.json", body)
  end
end
