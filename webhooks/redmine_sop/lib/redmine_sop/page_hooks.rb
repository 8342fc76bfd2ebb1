# frozen_string_literal: true

module RedmineSop
  # Draws the panel on an issue's page, and marks in its form what may be folded away. Whatever goes wrong here goes to the
  # log: the page is Redmine's and stays.
  class PageHooks < Redmine::Hook::ViewListener
    # Read once and written into the page: Redmine 5 and 6 serve a plugin's files in different ways, and 6 refuses the whole
    # page where one was not precompiled.
    STYLE, SCRIPT = %w[panel.css panel.js].map { |name| File.read(File.join(__dir__, name)).freeze }

    def view_issues_show_details_bottom(context)
      draw(context, 'sop_panel/panel')
    end

    def view_issues_form_details_bottom(context)
      draw(context, 'sop_panel/fold')
    end

    private

    def draw(context, partial)
      view = context[:hook_caller]
      words = words_for(context[:issue], view)
      words ? view.render(partial: partial, locals: { panel: words.panel, words: words }) : ''
    rescue StandardError => e
      Rails.logger.error("redmine_sop: panel: #{e.class}: #{e.message} #{e.backtrace&.first}")
      ''
    end

    # Once for the page and its form.
    def words_for(issue, view)
      return unless issue
      return issue.instance_variable_get(:@sop_panel) if issue.instance_variable_defined?(:@sop_panel)

      panel = Panel.of(issue)
      issue.instance_variable_set(:@sop_panel, panel && PanelWords.new(panel, view))
    end
  end
end
