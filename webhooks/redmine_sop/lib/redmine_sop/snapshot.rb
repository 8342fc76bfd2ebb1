# frozen_string_literal: true

module RedmineSop
  # Everything a decision needs about one issue, whatever is visible to whom: private notes and hidden fields too.
  class Snapshot
    def initialize(issue)
      @issue = issue
    end

    def to_h
      {
        issue: issue_hash, journals: journals.map { |journal| journal_hash(journal) },
        duplicates: related(:issue_from_id, :issue_to_id), duplicated: related(:issue_to_id, :issue_from_id),
        files: files, attachments: @issue.attachments.map { |attachment| file_hash(attachment) },
        last_journal: journals.map(&:id).max || 0,
        state: SopState.find_by(issue_id: @issue.id)&.to_api,
        sender: SopSender.find_by(issue_id: @issue.id)&.to_api,
        now: RedmineSop.time(Time.now)
      }
    end

    private

    def issue_hash
      {
        id: @issue.id, project_id: @issue.project_id, tracker_id: @issue.tracker_id, status_id: @issue.status_id,
        priority_id: @issue.priority_id, author: person(@issue.author), assigned_to: assignee,
        subject: @issue.subject, description: @issue.description.to_s,
        start_date: @issue.start_date&.iso8601, due_date: @issue.due_date&.iso8601, done_ratio: @issue.done_ratio,
        is_private: @issue.is_private, lock_version: @issue.lock_version,
        created_on: RedmineSop.time(@issue.created_on), updated_on: RedmineSop.time(@issue.updated_on),
        closed_on: RedmineSop.time(@issue.closed_on), custom_fields: custom_fields
      }
    end

    def person(principal)
      { id: principal.id, name: principal.name, roles: roles[principal.id] }
    end

    def assignee
      principal = @issue.assigned_to
      principal && person(principal).merge(type: principal.is_a?(Group) ? 'Group' : 'User')
    end

    def custom_fields
      @issue.custom_field_values.map { |field| { id: field.custom_field_id, value: self.class.field_value(field) } }
    end

    # A text, or a list of texts; an empty field is an empty one of these, never null.
    def self.field_value(field)
      return Array(field.value).map(&:to_s).reject(&:empty?) if field.custom_field.multiple?

      field.value.to_s
    end

    def journals
      @journals ||= @issue.journals.reorder(:id).preload(:details, :user).to_a
    end

    def journal_hash(journal)
      {
        id: journal.id, user: { id: journal.user_id, name: journal.user&.name }, admin: journal.user&.admin? || false,
        roles: roles[journal.user_id], created_on: RedmineSop.time(journal.created_on),
        notes: journal.notes.to_s, private_notes: journal.private_notes,
        details: journal.details.sort_by(&:id).map do |detail|
          { id: detail.id, property: detail.property, prop_key: detail.prop_key, old_value: detail.old_value, value: detail.value }
        end
      }
    end

    # Role ids of everyone who appears, in the issue's project, roles through groups included: one query.
    def roles
      @roles ||= begin
        people = [@issue.author_id, @issue.assigned_to_id, *journals.map(&:user_id)].compact.uniq
        rows = MemberRole.joins(:member).where(members: { project_id: @issue.project_id, user_id: people })
        found = Hash.new { [] }
        rows.distinct.pluck('members.user_id', :role_id).sort.each { |user, role| found[user] += [role] }
        found
      end
    end

    # The issues on the other side of Redmine's relation "duplicates", with what their own state says of it.
    def related(mine, other)
      ids = IssueRelation.where(relation_type: IssueRelation::TYPE_DUPLICATES, mine => @issue.id).order(:id).pluck(other)
      states = ids.empty? ? {} : SopState.where(issue_id: ids).index_by(&:issue_id)
      ids.map do |id|
        state = states[id]
        { issue_id: id, number: state&.number, duplicate_of: state&.data.is_a?(Hash) ? state.data['duplicate_of'] : nil }
      end
    end

    def files
      fields = @issue.custom_field_values.select { |f| f.custom_field.field_format == 'attachment' && f.value.present? }
      attachments = Attachment.where(id: fields.map(&:value)).index_by(&:id)
      fields.filter_map do |field|
        attachment = attachments[field.value.to_i]
        attachment && { field_id: field.custom_field_id }.merge(file_hash(attachment))
      end
    end

    def file_hash(attachment)
      {
        id: attachment.id, filename: attachment.filename, description: attachment.description.to_s, filesize: attachment.filesize,
        content_type: attachment.content_type, digest: attachment.digest,
        created_on: RedmineSop.time(attachment.created_on), author_id: attachment.author_id
      }
    end
  end
end
