# frozen_string_literal: true

require_relative '../test_helper'

# The panel on the issue page, as people see it: logged in, in HTML.
class PanelTest < SopApiTest
  HOUR = 3600

  def at(text)
    Time.iso8601("#{text}Z").to_i
  end

  def panel(**more)
    {
      format: 1, title: 'Layanan <b>TI</b>', code: 'POS 1', tracker: 'tracker:ti', zone: 'Asia/Jakarta', status: 'status:masuk', mood: 'step',
      received: at('2026-11-23T01:00:00'), here: ['field:jenis', 'field:surat'], others: ['field:paraf'],
      now: { no: '2', of: '3', title: 'Periksa <script>alert(1)</script>', about: 'Lihat <i>suratnya</i>.', roles: ['Meja', 'Kepala'],
             role_keys: ['role:helpdesk'], since: at('2026-11-23T01:00:00'), limit: { amount: 30, unit: 'menit' },
             due: (Time.now + (3 * HOUR)).to_i },
      moves: [
        { kind: 'outcome', status: 'Uji Jadwal', label: 'cocok <i>', needs: [{ field: 'field:surat' }, { field: 'field:nim' },
                                                                          { field: 'field:paraf', when: { 'field:jenis' => 'Aplikasi' } }] },
        { kind: 'return', status: 'Menunggu', needs: [{ field: 'field:nim' }] }
      ],
      steps: [
        { no: '1', title: 'Kirim', state: 'done', roles: ['Pemohon'], fields: ['field:nim'], visits: [{ left: at('2026-11-23T01:00:00') }] },
        { no: '2', title: 'Periksa', state: 'now', roles: ['Meja'], fields: ['field:jenis'],
          visits: [{ entered: at('2026-11-23T01:00:00'), left: at('2026-11-23T03:00:00'), outcome: 'kurang <b>', by: @helpdesk.id,
                     late: true, pauses: [{ since: at('2026-11-23T01:10:00'), until: at('2026-11-23T02:00:00') }] }] },
        { no: '3', title: 'Jalan lain', kind: 'duty', state: 'skipped', roles: ['Meja'], every: { amount: 1, unit: 'minggu' } }
      ]
    }.merge(more)
  end

  # A SOP ticket whose state holds this panel.
  def ticket(shown = panel, **attributes)
    issue = new_issue(attributes)
    SopState.create!(issue_id: issue.id, number: "UJI-2026-#{issue.id}", data: { panel: shown })
    issue
  end

  def open_page(issue, as: @helpdesk, language: 'id', path: nil)
    as.update!(language: language)
    post '/login', params: { username: as.login, password: 'rahasia-panjang-1' }
    get(path || "/issues/#{issue.id}")
    assert_response :success
  end

  def text
    facts = css_select('.sop-panel dl > div').map { |row| row.css('dt, dd').map { |cell| cell.text.squish }.join(': ') }
    facts.join(' | ')
  end

  test 'it says where the ticket stands, whose turn it is and how much time is left' do
    open_page(ticket)
    assert_select 'section.sop-panel[aria-labelledby=sop-panel-heading] h3#sop-panel-heading', /Langkah 2 dari 3: Periksa/
    assert_select '.sop-panel .sop-turn', 'Giliran Anda'
    assert_includes text, 'Pelaksana: Meja atau Kepala'
    assert_includes text, 'Batas waktu: 30 menit'
    assert_select '.sop-panel .sop-left', 'sisa sekitar 3 jam'
    assert_select '.sop-panel time[datetime]'
  end

  test 'it is in the reader\'s language and, without a time zone of his own, in the office\'s' do
    open_page(ticket, language: 'en')
    assert_select '.sop-panel h3', /Step 2 of 3/
    assert_includes text, 'Meja or Kepala'
    assert_includes text, '30 minutes'
    assert_select '.sop-panel .sop-left', 'about 3 hours left'
    assert_includes text, '08:00 AM'
    @helpdesk.pref.update!(time_zone: 'UTC')
    get "/issues/#{Issue.last.id}"
    assert_includes text, '01:00 AM'
  end

  test 'a limit that the calendar moved says from where and why' do
    shown = panel
    shown[:now][:moved] = { old: at('2026-11-24T09:00:00'), why: 'libur <b>Dies</b> pada Rabu' }
    open_page(ticket(shown))
    assert_select '.sop-panel .sop-moved', /Semula .*24.*16:00 WIB; bergeser karena libur <b>Dies<\/b> pada Rabu\./
    shown[:now][:moved] = { old: 'kemarin', why: 7 }
    open_page(ticket(shown))
    assert_select '.sop-panel .sop-moved', false
  end

  test 'a step that goes on with what the last time left says how much that was' do
    shown = panel
    shown[:now][:budget] = 65
    open_page(ticket(shown))
    assert_includes text, 'Batas waktu: 30 menit; sisa 1 jam 5 menit dari kali terakhir'
    shown[:now][:budget] = 0
    open_page(ticket(shown))
    assert_includes text, 'sisa 0 menit dari kali terakhir'
  end

  test 'a step that is late says by how much' do
    shown = panel
    shown[:now][:due] = (Time.now - (49 * HOUR)).to_i
    open_page(ticket(shown))
    assert_select '.sop-panel .sop-late', 'lewat 2 hari'
  end

  test 'what a move still needs is what is empty now, conditions included' do
    issue = ticket
    open_page(issue)
    assert_select '.sop-moves li:first-child .sop-missing', 'Belum ada: Uji Surat, Uji NIM'
    issue.reload
    edit(issue, admin, 'custom_field_values' => { cf('field:nim') => '77', cf('field:jenis') => ['Aplikasi'] })
    get "/issues/#{issue.id}"
    assert_select '.sop-moves li:first-child .sop-missing', 'Belum ada: Uji Surat, Uji Paraf'
    assert_select '.sop-moves li:last-child .sop-complete'
    assert_select '.sop-moves li:last-child', /batas waktu berhenti/
  end

  test 'the timeline says who did what and when, and what came back' do
    open_page(ticket)
    assert_select '.sop-way[open] summary', /1 dari 3 selesai/
    assert_select '.sop-way li[aria-current=step] .sop-visit', 2
    assert_select '.sop-way li[aria-current=step]', /uji-helpdesk Uji · 23-11-2026 10:00.*lewat batas/m
    assert_select '.sop-way li[aria-current=step]', /Pada pemohon dari 23-11-2026 08:10/
    assert_select '.sop-way li:first-child', /Pemohon · 23-11-2026/
    assert_select '.sop-way li.sop-is-skipped', /tidak dilalui.*tugas berkala · Meja · setiap 1 minggu/m
  end

  test 'a duty says until when the next report is due, what was made and what is missing' do
    shown = panel
    shown[:now][:duties] = [{ title: 'Pelaporan', due: (Time.now + (50 * HOUR)).to_i, last: at('2026-11-25T03:00:00'), missed: 1 },
                            { title: 'Harian', due: (Time.now - (3 * HOUR)).to_i }, { title: 'Ditunda' }, nil, { due: 'x' }]
    shown[:steps][2][:visits] = [{ left: at('2026-11-25T03:00:00'), outcome: 'ke-1', by: @helpdesk.id },
                                 { left: at('2026-12-07T09:00:00'), outcome: 'ke-2', how: 'missed', late: true }]
    open_page(ticket(shown))
    duties = css_select('.sop-duty-now')
    assert_equal 4, duties.size
    assert_select duties[0], '.sop-left', 'sisa 2 hari'
    assert_select duties[0], '.sop-note', 'terakhir 25-11-2026 10:00 · 1 kali belum ada'
    assert_select duties[1], '.sop-late', 'lewat sekitar 3 jam'
    assert_select duties[2], 'dd', ''
    assert_select '.sop-way li:last-child .sop-visit', /ke-1 · uji-helpdesk Uji · 25-11-2026 10:00/
    assert_select '.sop-way li:last-child .sop-visit', /ke-2 · belum ada laporan · 07-12-2026 16:00.*lewat batas/m
  end

  test 'whatever stands in it is escaped' do
    open_page(ticket)
    html = css_select('.sop-panel').to_s
    ['<b>TI', '<script>alert', '<i>', 'kurang <b>'].each { |raw| assert_not_includes html, raw }
    assert_includes html, 'Layanan &lt;b&gt;TI'
    assert_includes html, '&lt;script&gt;alert(1)'
  end

  test 'it is not the turn of somebody else' do
    open_page(ticket, as: @kadiv)
    assert_select '.sop-panel'
    assert_select '.sop-panel .sop-turn', 0
  end

  test 'who may not see a field learns nothing of its value' do
    issue = ticket
    edit(issue, admin, 'custom_field_values' => { cf('field:nim') => '7788' })
    open_page(issue, as: @kadiv)
    assert_select '.sop-panel'
    assert_not_includes response.body, '7788'
  end

  test 'a ticket with the requester, one that is incomplete, and one that has ended' do
    shown = panel(mood: 'waiting')
    shown[:now] = shown[:now].except(:due).merge(paused: { since: at('2026-11-23T01:10:00'), minutes: 150, answer_by: at('2026-12-23T09:00:00') })
    open_page(ticket(shown))
    assert_select '.sop-notice', /sejak 23-11-2026 08:10.*Sisa waktu kerja: 2 jam 30 menit.*sampai 23-12-2026 16:00 WIB/
    assert_select '.sop-left, .sop-late[aria-hidden]', 0

    get "/issues/#{ticket(panel(mood: 'intake', now: { title: 'Permohonan Masuk' })).id}"
    assert_select '.sop-panel h3', /Permohonan Masuk\s+Belum lengkap/

    ended = { title: 'Selesai', at: at('2026-11-25T01:00:00'), success: true }
    get "/issues/#{ticket(panel(mood: 'ended', now: nil, moves: nil, end: ended)).id}"
    assert_select '.sop-panel h3', /Selesai\s+Tuntas/
    assert_includes text, 'Lama: 2 hari'
    assert_select '.sop-moves', 0
  end

  test 'a status that the connector has not seen yet is told' do
    open_page(ticket(panel(status: 'status:jadwal')))
    assert_select '.sop-notice', /menyusul/
    assert_select '.sop-turn, .sop-moves', 0
    assert_select '.sop-panel[data-fields="[]"]'
    assert_select '.sop-fold[data-groups="[]"]'
  end

  test 'nothing on other trackers, nor where there is no state' do
    issue = new_issue
    open_page(issue)
    assert_select '.sop-panel, .sop-fold', 0
    assert_not_includes response.body, 'sop-panel'

    tracker = Tracker.where.not(id: @keys['tracker:ti']).first
    Project.find(@keys['project:uji']).trackers << tracker
    other = ticket
    other.update_columns(tracker_id: tracker.id)
    get "/issues/#{other.id}"
    assert_response :success
    assert_not_includes response.body, 'sop-panel'
    get "/projects/uji-sop/issues/new"
    assert_not_includes response.body, 'sop-fold'
  end

  test 'junk never breaks the page' do
    junk = [nil, 'teks', 7, [], {}, { format: 2 }, { format: '1' }, { format: 1 },
            panel(now: 'x', moves: 'x', steps: 3, here: { a: 1 }, others: [1], end: [], zone: 'Mars/Olympus', status: 4),
            panel(now: [], moves: [1, nil, {}], steps: [nil, [], { visits: [nil, 3, { left: 'kemarin', pauses: [4] }, { left: 10**30, by: 0 }, { left: -1 }] }]),
            panel(mood: 9, title: {}, moves: [{ kind: 'x/../y" onclick', needs: [{ field: 4, when: [] }, { field: 'field:none' }] }]),
            panel(now: { limit: { amount: 'x' }, due: 'nanti', paused: [] }, mood: 'waiting')]
    first = ticket
    open_page(first)
    junk.each do |shown|
      get "/issues/#{ticket(shown).id}"
      assert_response :success, shown.inspect
      assert_select 'div.issue .attributes', { count: 1 }, shown.inspect
    end
    SopState.find_by(issue_id: first.id).update_columns(data: '{"panel": ')
    get "/issues/#{first.id}"
    assert_response :success
  end

  test 'the form carries what may be folded, again after Redmine drew it anew' do
    issue = ticket
    fold = lambda do
      %w[kept groups].map { |name| JSON.parse(Nokogiri::HTML(response.body).at_css('.sop-fold')["data-#{name}"]) }
    end
    expected = [[@keys['field:jenis'], @keys['field:surat']],
                [['1. Kirim', [@keys['field:nim']]], ['2. Periksa', [@keys['field:jenis']]], ['3. Jalan lain', []],
                 ['Isian umum', [@keys['field:paraf']]]]]
    open_page(issue)
    assert_equal expected, fold.call
    assert_equal 1, response.body.scan('window.SopPanel = (').size
    get "/issues/#{issue.id}/edit"
    assert_equal expected, fold.call
    assert_equal 1, response.body.scan('window.SopPanel = (').size
    patch "/issues/#{issue.id}/edit.js", params: { issue: { status_id: @keys['status:jadwal'] } }, xhr: true
    assert_response :success
    assert_includes response.body, 'sop-fold'
    assert_includes response.body, 'Isian umum'
    assert_includes response.body, 'SopPanel.form()'
  end

  test 'both languages have every word' do
    words = %w[en id].map { |name| YAML.load_file(File.expand_path("../../config/locales/#{name}.yml", __dir__))[name] }
    assert_equal words[0].keys.sort, words[1].except('redmine_sop').keys.sort
    words[0].each do |key, value|
      assert_equal value.to_s.scan(/%\{?\w+/).sort.uniq, words[1][key].to_s.scan(/%\{?\w+/).sort.uniq, key
    end
    used = Dir[File.expand_path('../../{app,lib}/**/*.{rb,erb}', __dir__)].flat_map { |file| File.read(file).scan(/:((?:label|text)_sop_\w+)/) }
    assert_empty used.flatten.uniq - words[0].keys
  end

  test 'it costs a handful of queries, and one on other trackers' do
    count = lambda do |issue|
      User.current = @helpdesk
      queries = 0
      listen = ActiveSupport::Notifications.subscribe('sql.active_record') { |*, payload| queries += 1 unless payload[:cached] }
      found = RedmineSop::Panel.of(issue)
      found && [found.fields_here, found.moves.map { |move| found.missing(move) }, found.user(@helpdesk.id)]
      ActiveSupport::Notifications.unsubscribe(listen)
      queries
    end
    issue = Issue.find(ticket.id)
    issue.custom_field_values # the page has read them already
    assert_operator count.call(issue), :<=, 3
    assert_equal 1, count.call(new_issue)
  end
end
