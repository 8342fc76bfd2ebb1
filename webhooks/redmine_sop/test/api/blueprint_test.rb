# frozen_string_literal: true

require_relative '../test_helper'

class BlueprintTest < SopApiTest
  def run_blueprint(sections = blueprint, apply: false, adopt: [])
    answer = call_api(:post, '/sop/blueprint.json', { apply: apply, adopt: adopt, blueprint: sections }, as: admin)
    assert_response :ok, response.body
    answer
  end

  def drift(sections = blueprint)
    run_blueprint(sections)['changes'].map { |change| [change['action'], change['kind'], change['name'], change['changes']] }
  end

  test 'applied once, a second plan is empty' do
    assert_empty drift
    answer = run_blueprint(apply: true)
    assert_equal [true, [], []], answer.values_at('applied', 'changes', 'refused')
    assert_equal @keys, answer['keys']
  end

  test 'a plan tells what an apply would do and leaves no trace' do
    sections = blueprint
    sections['statuses'] << { 'key' => 'status:baru', 'name' => 'Uji Baru', 'is_closed' => false }
    sections['settings']['issue_group_assignment'] = '0'
    sections['transitions'] << { 'tracker' => 'tracker:ti', 'from' => 'status:jadwal', 'to' => 'status:baru', 'roles' => ['role:kadiv'] }
    counts = -> { [IssueStatus.count, WorkflowRule.count, SopObject.count, Setting.issue_group_assignment] }
    before = counts.call
    plan = run_blueprint(sections)
    assert_equal [false, before], [plan['applied'], counts.call]
    assert_equal [%w[create status], %w[create transition], %w[update setting]], plan['changes'].map { |c| c.values_at('action', 'kind') }
    assert_equal 'Uji Layanan TI: Uji Jadwal → Uji Baru, Uji Kadiv', plan['changes'][1]['name']
    assert_equal plan['changes'], run_blueprint(sections, apply: true)['changes']
    assert_equal '0', Setting.issue_group_assignment
    assert_empty drift(sections)
  end

  test 'another name keeps the id' do
    sections = blueprint
    %w[statuses roles groups fields trackers projects queries].each { |name| sections[name].each { |e| e['name'] = "#{e['name']} 2" } }
    answer = run_blueprint(sections, apply: true)
    assert answer['applied'], answer['refused'].inspect
    assert_equal @keys, answer['keys']
    assert_equal 'Uji Masuk 2', IssueStatus.find(@keys['status:masuk']).name
    assert_equal 'Uji Kelompok Kadiv 2', Group.find(@keys['group:kadiv']).name
    assert_empty drift(sections)
  end

  test 'two of ours can swap their names' do
    sections = blueprint
    sections['statuses'][0]['name'], sections['statuses'][1]['name'] = 'Uji Jadwal', 'Uji Masuk'
    answer = run_blueprint(sections, apply: true)
    assert_equal [['Uji Masuk', 'Uji Jadwal'], ['Uji Jadwal', 'Uji Masuk']], answer['changes'].map { |c| c['changes']['name'] }
    assert_equal 'Uji Jadwal', IssueStatus.find(@keys['status:masuk']).name
    assert_empty drift(sections)
  end

  test 'another key for the same name is the same object' do
    sections = JSON.parse(blueprint.to_json.gsub('status:jadwal', 'status:penjadwalan'))
    answer = run_blueprint(sections, apply: true)
    assert answer['applied']
    assert_equal @keys['status:jadwal'], answer['keys']['status:penjadwalan']
    assert_nil answer['keys']['status:jadwal']
  end

  test 'foreign objects are refused by name, and nothing is applied' do
    IssueStatus.create!(name: 'Milik Lain')
    Role.create!(name: 'Milik Lain', permissions: [])
    Group.create!(lastname: 'Milik Lain')
    Tracker.create!(name: 'Milik Lain', default_status: IssueStatus.first)
    IssueCustomField.create!(name: 'Milik Lain', field_format: 'string')
    Project.create!(name: 'Milik Lain', identifier: 'milik-lain')
    sections = blueprint
    add = ->(section, more) { sections[section] << { 'key' => "#{section}:lain", 'name' => 'Milik Lain' }.merge(more) }
    add.call('statuses', 'is_closed' => false)
    add.call('roles', 'permissions' => ['view_issues'])
    add.call('groups', {})
    add.call('trackers', 'default_status' => 'status:masuk')
    add.call('fields', 'format' => 'string', 'trackers' => ['trackers:lain'])
    add.call('projects', 'identifier' => 'milik-lain')
    sections['statuses'] << { 'key' => 'status:baru', 'name' => 'Uji Baru' }
    answer = run_blueprint(sections, apply: true)
    assert_equal false, answer['applied']
    assert_equal %w[role group status tracker project field], answer['refused'].map { |refused| refused['kind'] }
    reason = answer['refused'].detect { |refused| refused['kind'] == 'status' }['reason']
    assert_match(/status "Milik Lain".*Ganti namanya.*mengadopsi statuses:lain/, reason)
    assert_not IssueStatus.exists?(name: 'Uji Baru')

    adopted = run_blueprint(sections, apply: true, adopt: answer['refused'].map { |refused| refused['key'] })
    assert adopted['applied'], adopted['refused'].inspect
    assert_equal 6, adopted['changes'].count { |change| change['action'] == 'adopt' }
    assert_equal [:view_issues], Role.find_by(name: 'Milik Lain').permissions
    assert_empty drift(sections)
  end

  test 'a name taken by another cannot be renamed onto' do
    IssueStatus.create!(name: 'Milik Lain')
    sections = blueprint
    sections['statuses'][0]['name'] = 'Milik Lain'
    answer = run_blueprint(sections, apply: true, adopt: ['status:masuk'])
    assert_equal [false, ['status:masuk']], [answer['applied'], answer['refused'].map { |refused| refused['key'] }]
    assert_equal 'Uji Masuk', IssueStatus.find(@keys['status:masuk']).name
  end

  test 'another format is refused' do
    sections = blueprint
    find_entry(sections, 'fields', 'field:nim')['format'] = 'text'
    answer = run_blueprint(sections, apply: true)
    assert_equal ['field:nim'], answer['refused'].map { |refused| refused['key'] }
    assert_match(/format/, answer['refused'][0]['reason'])
  end

  test 'what Redmine does not accept is refused with its words' do
    sections = blueprint
    sections['statuses'] << { 'key' => 'status:panjang', 'name' => 'x' * 31 }
    answer = run_blueprint(sections, apply: true)
    assert_equal [false, 'status:panjang'], [answer['applied'], answer['refused'][0]['key']]
    assert answer['refused'][0]['reason'].present?
  end

  test 'drift is told attribute by attribute, and mended' do
    IssueStatus.find(@keys['status:tutup']).update!(is_closed: false)
    Role.find(@keys['role:kadiv']).add_permission!(:delete_issues)
    field = IssueCustomField.find(@keys['field:jenis'])
    field.update!(possible_values: %w[Jaringan], is_required: true)
    IssueCustomField.find(@keys['field:nim']).update!(visible: true)
    Tracker.find(@keys['tracker:ti']).update!(description: 'Lain', core_fields: Tracker::CORE_FIELDS)
    Project.find(@keys['project:uji']).disable_module!(:sop)
    foreign = Role.givable.where.not(id: @keys.values_at('role:helpdesk', 'role:kadiv', 'role:connector')).first
    member = Member.find_by(project_id: @keys['project:uji'], user_id: @keys['group:kadiv'])
    member.role_ids |= [foreign.id]
    WorkflowTransition.create!(tracker_id: @keys['tracker:ti'], old_status_id: @keys['status:masuk'], new_status_id: @keys['status:tutup'], role: foreign)
    WorkflowTransition.where(tracker_id: @keys['tracker:ti'], old_status_id: @keys['status:jadwal'], role_id: @keys['role:kadiv']).update_all(assignee: true)
    WorkflowPermission.where(tracker_id: @keys['tracker:ti'], field_name: cf('field:surat'), role_id: @keys['role:kadiv']).delete_all
    IssueQuery.find(@keys['query:antre']).update!(group_by: '')

    found = drift.group_by { |action, kind, *| [action, kind] }
    assert_equal [{ 'is_closed' => [false, true] }], found[%w[update status]].map(&:last)
    assert_includes found[%w[update role]][0].last['permissions'][0], 'delete_issues'
    fields = found[%w[update field]].to_h { |change| [change[2], change[3]] }
    assert_equal({ 'possible_values' => [['Jaringan'], %w[Jaringan Aplikasi]], 'is_required' => [true, false] }, fields['Uji Jenis'])
    assert_equal [[true, false], [[], ['Konektor SOP', 'Uji Helpdesk']]], fields['Uji NIM'].values_at('visible', 'visible_to')
    assert_equal({ 'description' => %w[Lain POS], 'disabled_core_fields' => [[], %w[category_id parent_issue_id]] }, found[%w[update tracker]][0].last)
    assert_equal({ 'modules' => [['issue_tracking'], %w[issue_tracking sop]] }, found[%w[update project]][0].last)
    assert_equal({ 'roles' => [['Uji Kadiv', foreign.name].sort, ['Uji Kadiv']] }, found[%w[update member]][0].last)
    assert_equal ["Uji Layanan TI: Uji Jadwal → Uji Tutup (hanya pembuat atau penerima tugas), Uji Kadiv",
                  "Uji Layanan TI: Uji Masuk → Uji Tutup, #{foreign.name}"], found[%w[delete transition]].map { |c| c[2] }.sort
    assert_equal ['Uji Layanan TI: Uji Jadwal → Uji Tutup, Uji Kadiv'], found[%w[create transition]].map { |c| c[2] }
    assert_equal ['Uji Layanan TI: Uji Surat wajib pada Uji Jadwal, Uji Kadiv'], found[%w[create rule]].map { |c| c[2] }
    assert_equal({ 'group_by' => [nil, 'status'] }, found[%w[update query]][0].last)
    assert_equal 10, found.size

    assert run_blueprint(apply: true)['applied']
    assert_empty drift
  end

  test 'what was deleted by hand is made again' do
    IssueQuery.find(@keys['query:antre']).destroy
    IssueCustomField.find(@keys['field:paraf']).destroy
    assert_equal [['create', 'field', 'Uji Paraf'], ['create', 'query', 'Uji Antre']],
                 drift.reject { |change| change[1] == 'rule' }.map { |change| change.first(3) }
    assert run_blueprint(apply: true)['applied']
    assert_empty drift
  end

  test 'a foreign object with the id of a deleted one is foreign' do
    sections = blueprint
    sections['statuses'] << { 'key' => 'status:baru', 'name' => 'Uji Baru' }
    id = run_blueprint(sections, apply: true)['keys']['status:baru']
    IssueStatus.find(id).destroy
    assert_nil SopObject.ref('status', 'status:baru')
    IssueStatus.new(name: 'Milik Lain') { |status| status.id = id }.save!
    assert run_blueprint(sections, apply: true)['applied']
    assert_equal 'Milik Lain', IssueStatus.find(id).name
  end

  test 'the administrator keeps what is his' do
    project = Project.find(@keys['project:uji'])
    project.enable_module!(:wiki)
    other = Tracker.where.not(id: @keys['tracker:ti']).first
    project.trackers << other
    elsewhere = Project.create!(name: 'Lain', identifier: 'lain', tracker_ids: [other.id])
    IssueCustomField.find(@keys['field:paraf']).tap do |field|
      field.trackers << other
      field.projects << elsewhere
    end
    Member.create!(project: project, principal: User.find(@kadiv.id), roles: [Role.givable.first]) unless Member.exists?(project: project, user_id: @kadiv.id)
    WorkflowTransition.create!(tracker: other, old_status_id: @keys['status:masuk'], new_status_id: @keys['status:jadwal'], role: Role.givable.first)
    assert_empty drift
  end

  test 'what the blueprint no longer has is deleted, or retired when in use' do
    new_issue
    other = new_issue
    edit(other, admin, 'status_id' => @keys['status:jadwal'], 'custom_field_values' => { cf('field:surat') => { 'token' => upload('s.pdf').token } })
    sections = { 'projects' => blueprint['projects'].each { |p| p.merge!('trackers' => [], 'members' => p['members'].last(1)) } }
    answer = run_blueprint(sections, apply: true)
    assert answer['applied'], answer['refused'].inspect
    done = answer['changes'].group_by { |change| change['action'] }.transform_values { |list| list.map { |change| change['key'] } }
    assert_equal %w[field:jenis field:nim field:paraf query:antre role:kadiv status:tutup], (done['delete'] - ['project:uji']).sort - ['role:helpdesk']
    assert_equal %w[field:surat group:helpdesk group:kadiv status:jadwal status:masuk tracker:ti], done['retire'].sort
    assert_equal 0, WorkflowRule.where(tracker_id: @keys['tracker:ti']).count
    assert SopObject.tracker?(@keys['tracker:ti'])
    assert_empty drift(sections)

    back = run_blueprint(apply: true)
    assert back['applied'], back['refused'].inspect
    assert_equal @keys['tracker:ti'], back['keys']['tracker:ti']
    assert_empty drift
  end

  test 'mistakes of the blueprint are told' do
    mistakes = {
      'transitions' => [{ 'tracker' => 'tracker:ti', 'from' => nil, 'to' => 'status:hantu', 'roles' => [] }],
      'roles' => [{ 'key' => 'role:x', 'name' => 'X', 'permissions' => ['terbang'] }],
      'settings' => { 'tidak_ada' => '1' },
      'fields' => [{ 'key' => 'field:x', 'name' => 'X', 'format' => 'datetime' }],
      'projects' => [blueprint['projects'][0].merge('members' => [{ 'login' => 'hantu', 'roles' => ['role:kadiv'] }])]
    }
    mistakes.each do |section, value|
      sections = blueprint.merge(section => value.is_a?(Hash) ? value : (section == 'projects' ? value : blueprint[section] + value))
      answer = call_api(:post, '/sop/blueprint.json', { apply: true, blueprint: sections }, as: admin)
      assert_response :unprocessable_entity, section
      assert_match(/hantu|terbang|tidak_ada|datetime/, answer['errors'].join)
    end
    [{ 'zz' => [] }, { 'statuses' => {} }, { 'statuses' => [{ 'key' => 'x' }] },
     { 'statuses' => [{ 'key' => 'a', 'name' => 'A' }, { 'key' => 'b', 'name' => 'A' }] }].each do |sections|
      call_api(:post, '/sop/blueprint.json', { apply: true, blueprint: sections }, as: admin)
      assert_response :bad_request, sections.inspect
    end
  end

  test 'many rows in seconds, when written and when compared' do
    sections = blueprint
    keys = (1..60).map { |n| "status:m#{n}" }
    sections['statuses'] += keys.map { |key| { 'key' => key, 'name' => "Uji #{key}", 'is_closed' => false } }
    sections['transitions'] += keys.product(keys).map { |from, to| { 'tracker' => 'tracker:ti', 'from' => from, 'to' => to, 'roles' => %w[role:helpdesk role:kadiv] } }
    started = Process.clock_gettime(Process::CLOCK_PROCESS_CPUTIME_ID)
    assert run_blueprint(sections, apply: true)['applied']
    assert_equal 7200, WorkflowTransition.where(tracker_id: @keys['tracker:ti']).count - 7
    assert_empty drift(sections)
    # To look rows up in a list grows with the square: 48,000 rows took 89 s to compare, in a set 0.7 s.
    assert_operator Process.clock_gettime(Process::CLOCK_PROCESS_CPUTIME_ID) - started, :<, 5
  end

  # The blueprint of the helper, for a profile of its own.
  def profile(name, shared: false)
    text = blueprint.to_json.gsub(/(role|group|tracker|field):(?!connector)/, "\\1:#{name}:").gsub('query:', "query:#{name}:")
                    .gsub('project:uji', "project:#{name}").gsub('uji-sop', "#{name}-sop").gsub('"Uji', "\"#{name.capitalize} Uji")
                    .gsub(/"name":"#{name.capitalize} (Uji (Masuk|Jadwal|Tutup))"/, '"name":"\\1"')
    sections = JSON.parse(text)
    return sections unless shared

    sections['fields'] << { 'key' => 'field:bersama:surel', 'name' => 'Surel', 'format' => 'string', 'visible_to' => ["role:#{name}:kadiv"],
                            'trackers' => ["tracker:#{name}:ti"], 'projects' => ["project:#{name}"] }
    sections
  end

  def run_profile(name, sections, apply: true)
    body = { apply: apply, adopt: [], profiles: [name], blueprint: sections }
    answer = call_api(:post, '/sop/blueprint.json', body, as: admin)
    assert_response :ok, response.body
    answer
  end

  test 'profiles on one server leave each other alone' do
    run_blueprint({}, apply: true)
    one, two = %w[satu dua].map { |name| [name, profile(name, shared: true)] }
    [one, two, one, two].each { |name, sections| assert run_profile(name, sections)['applied'] }
    [one, two].each { |name, sections| assert_empty run_profile(name, sections, apply: false)['changes'] }
    shared = IssueCustomField.find(SopObject.ref('field', 'field:bersama:surel'))
    assert_equal 2, shared.tracker_ids.size
    assert_equal 3, shared.role_ids.size

    fewer = one.last.merge('statuses' => [], 'fields' => [], 'queries' => [], 'trackers' => [], 'transitions' => [], 'rules' => [])
    fewer['projects'] = fewer['projects'].map { |project| project.merge('trackers' => []) }
    gone = run_profile('satu', fewer)['changes'].select { |change| %w[delete retire].include?(change['action']) }
    keys = gone.filter_map { |change| change['key'] }
    assert_includes keys, 'tracker:satu:ti'
    assert(keys.none? { |key| key.match?(/:dua|:bersama|\Astatus/) }, keys.inspect)
    assert_empty run_profile('dua', two.last, apply: false)['changes']
  end

  test 'another profile\'s name is refused, and never taken over' do
    assert run_profile('satu', profile('satu'))['applied']
    thief = profile('dua')
    thief['trackers'][0]['name'] = 'Satu Uji Layanan TI'
    answer = run_profile('dua', thief)
    assert_equal [false, ['tracker:dua:ti']], [answer['applied'], answer['refused'].map { |each| each['key'] }]
    assert_match(/organisasi lain/, answer['refused'][0]['reason'])
    call_api(:post, '/sop/blueprint.json', { apply: false, profiles: 'satu', blueprint: {} }, as: admin)
    assert_response :bad_request
  end
end
