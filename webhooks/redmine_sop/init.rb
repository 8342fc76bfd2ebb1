# frozen_string_literal: true

Redmine::Plugin.register :redmine_sop do
  name 'Redmine SOP'
  author 'Tim Redmine SOP Connector'
  description 'Cetak biru, keadaan tiket, panel, commit bersyarat dan webhook untuk konektor SOP'
  version RedmineSop::VERSION
  requires_redmine version_or_higher: '5.0'

  settings default: { 'webhook_url' => '', 'webhook_secret' => '' }, partial: 'settings/redmine_sop'

  project_module :sop do
    # `read`: a ticket of a closed project can still be read.
    permission :use_sop_connector,
               { sop_issues: %i[show commit create], sop_tickets: :show, sop_feeds: %i[changes states numbers],
                 sop_info: %i[show ping directory] },
               require: :member, read: true
  end
end

RedmineSop.extend_redmine
