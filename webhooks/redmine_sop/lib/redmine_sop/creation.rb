# frozen_string_literal: true

module RedmineSop
  # Makes an issue together with its state, once per submission.
  class Creation
    CORE = %w[status_id assigned_to_id due_date done_ratio subject priority_id].freeze
    KEYS = (CORE + %w[project_id tracker_id description start_date custom_fields field_files uploads notify state]).freeze

    def initialize(body)
      request = RequestBody.new(body, KEYS)
      @project_id = request.integer('project_id')
      @tracker_id = request.integer('tracker_id')
      request.integer('status_id')
      @subject = request.text('subject')
      @description = request.text('description')
      @start_date = request.text('start_date')
      @wishes = Wishes.new(core: body.slice(*CORE), fields: request.hash('custom_fields'),
                           field_files: request.hashes('field_files'), uploads: request.hashes('uploads'))
      @notify = request.flag('notify')
      @state = StateWish.new(request.hash('state'))
      raise Malformed, RedmineSop.say('wrong_type', name: 'state.submission', type: 'text') if @state.submission.blank?
    end

    def made?
      @made
    end

    def call
      Quiet.during(mails: @notify) do
        Issue.transaction(requires_new: true) do
          WriteLock.take(Project, @project_id)
          perform
        end
      end
    rescue ActiveRecord::RecordNotUnique
      # Two at the same moment: the other one has made it.
      existing || raise
    end

    private

    def perform
      existing || make
    end

    def existing
      @made = false
      state = SopState.find_by(submission: @state.submission)
      state && Snapshot.new(Access.issue(state.issue_id)).to_h
    end

    def make
      @state.check_number
      issue = build
      raise Refused, issue.errors.full_messages unless issue.save

      issue = Issue.find(issue.id)
      verify(issue)
      @state.store(SopState.new(issue_id: issue.id), cursor: issue.last_journal_id.to_i)
      @made = true
      Snapshot.new(issue).to_h
    end

    # No start date unless it is given: Redmine refuses a due date before it, and a submission that waited for Redmine
    # to come back can be due already.
    def build
      issue = Issue.new(author: User.current, project: Access.projects.find(@project_id))
      raise ActiveRecord::RecordNotFound unless SopObject.tracker?(@tracker_id)

      # The tracker first: it decides which fields there are to compare with.
      issue.safe_attributes = { 'tracker_id' => @tracker_id.to_s, 'description' => @description.to_s,
                                'subject' => @subject.to_s, 'start_date' => @start_date.to_s }
      @wishes.set_on(issue)
      issue
    end

    def verify(issue)
      unless issue.tracker_id == @tracker_id
        raise Refused, RedmineSop.say('not_taken', name: 'tracker_id', wanted: @tracker_id, got: issue.tracker_id)
      end

      @wishes.verify(issue)
    end
  end
end
