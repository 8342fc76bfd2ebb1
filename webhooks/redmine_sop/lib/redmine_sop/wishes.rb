# frozen_string_literal: true

module RedmineSop
  # What a caller wants an issue to have, and whether it has it. Redmine ignores silently what a user may not set, so
  # everything asked for is read back after saving.
  class Wishes
    CORE = %w[tracker_id status_id assigned_to_id due_date done_ratio subject priority_id].freeze

    def initialize(core:, fields:, field_files:, uploads: [])
      @core = core
      @fields = fields.transform_keys(&:to_s)
      @field_files = field_files
      @uploads = uploads
      check_types
    end

    # Sets what differs from the issue as it is; false when nothing does.
    def set_on(issue)
      tracker = differing_core(issue).slice('tracker_id')
      issue.safe_attributes = tracker if tracker.any? # its fields and statuses are those that the rest is about
      attributes = differing_core(issue)
      values = differing_fields(issue).merge(files_as_values)
      attributes['custom_field_values'] = values if values.any?
      issue.safe_attributes = attributes.with_indifferent_access if attributes.any?
      issue.save_attachments(@uploads) if @uploads.any?
      tracker.any? || attributes.any? || @uploads.any?
    end

    # Raises naming each value that did not become what was asked.
    def verify(issue)
      refused = unmet_core(issue) + unmet_fields(issue) + unmet_files(issue) + unmet_uploads(issue)
      raise Refused, refused if refused.any?
    end

    private

    def check_types
      unknown = @core.keys - CORE
      raise Malformed, RedmineSop.say('unknown_keys', keys: unknown.join(', ')) if unknown.any?

      wrong = @field_files.reject { |file| file['field_id'].is_a?(Integer) && file['token'].is_a?(String) }
      wrong += @uploads.reject { |file| file['token'].is_a?(String) }
      wrong += @fields.keys.grep_v(/\A\d+\z/)
      raise Malformed, RedmineSop.say('wrong_type', name: wrong.first.to_s, type: 'file or field') if wrong.any?
    end

    def differing_core(issue)
      # Redmine takes an empty text for "none", and skips a null.
      @core.reject { |name, value| value.to_s == issue[name].to_s }.transform_values(&:to_s)
    end

    def differing_fields(issue)
      @fields.each_with_object({}) do |(id, value), result|
        field = field_of(issue, id)
        result[id] = multiple?(field) ? Array(value).presence || [''] : value.to_s unless field && same?(field, value)
      end
    end

    def files_as_values
      @field_files.to_h { |file| [file['field_id'].to_s, { 'token' => file['token'] }.with_indifferent_access] }
    end

    def field_of(issue, id)
      issue.custom_field_values.detect { |value| value.custom_field_id == id.to_i }
    end

    def multiple?(field)
      field&.custom_field&.multiple?
    end

    def same?(field, wanted)
      has = Snapshot.field_value(field)
      multiple?(field) ? has.sort == Array(wanted).map(&:to_s).reject(&:empty?).sort : plain(has) == plain(wanted)
    end

    # Browsers and Redmine write line ends as CR LF, the connector as LF.
    def plain(text)
      text.to_s.gsub("\r\n", "\n")
    end

    def unmet_core(issue)
      @core.filter_map { |name, wanted| unmet(name, wanted, issue[name]) unless wanted.to_s == issue[name].to_s }
    end

    def unmet_fields(issue)
      @fields.filter_map do |id, wanted|
        field = field_of(issue, id)
        next RedmineSop.say('no_such_field', id: id) unless field

        unmet(field.custom_field.name, wanted, field.value) unless same?(field, wanted)
      end
    end

    def unmet_files(issue)
      @field_files.filter_map do |file|
        field = field_of(issue, file['field_id'])
        next RedmineSop.say('no_such_field', id: file['field_id']) unless field

        unmet(field.custom_field.name, file['token'], field.value) unless field.value.to_s == attachment_id(file)
      end
    end

    def unmet_uploads(issue)
      @uploads.filter_map do |file|
        there = issue.attachments.any? { |attachment| attachment.id.to_s == attachment_id(file) }
        unmet(file['filename'] || 'uploads', file['token'], nil) unless there
      end
    end

    # A token is "id.digest".
    def attachment_id(file)
      file['token'].to_s.split('.').first
    end

    def unmet(name, wanted, got)
      RedmineSop.say('not_taken', name: name, wanted: wanted.inspect, got: got.inspect)
    end
  end
end
