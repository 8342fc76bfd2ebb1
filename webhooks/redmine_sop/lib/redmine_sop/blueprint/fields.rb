# frozen_string_literal: true

module RedmineSop
  class Blueprint
    class Fields < Stage
      SECTION = 'fields'
      KIND = 'field'
      MODEL = IssueCustomField
      PLAIN = %w[name description possible_values multiple is_filter searchable regexp min_length max_length
                 extensions_allowed].freeze
      KEYS = (PLAIN + %w[key format visible_to trackers projects]).freeze
      ATTRIBUTES = PLAIN
      ABILITIES = { 'multiple' => :multiple_supported, 'searchable' => :searchable_supported,
                    'is_filter' => :is_filter_supported }.freeze
      # Required is the workflow's business, and "for all projects" would reach foreign ones.
      ALWAYS = { 'is_required' => false, 'is_for_all' => false, 'editable' => true }.freeze

      private

      def build(entry)
        IssueCustomField.new(field_format: entry['format'])
      end

      def sync(entry)
        unless Redmine::FieldFormat.available_formats.include?(entry['format'])
          raise Refused, RedmineSop.say('unknown_format', name: entry['name'], type: entry['format'].inspect)
        end

        object = tracked(entry['key'])
        problem = object && obstacle(object, entry)
        return context.refuse(kind, entry['key'], entry['name'], problem, stand_in: object.id) if problem

        super
      end

      def obstacle(object, entry)
        return if object.field_format == entry['format']

        RedmineSop.say('refused.format', name: object.name, has: object.field_format, wanted: entry['format'])
      end

      def desired(entry, object)
        wanted = supported(super.merge(ALWAYS), object.format)
        if wanted.key?('possible_values')
          wanted['possible_values'] = Array(entry['possible_values']).map { |value| value.to_s.strip }
        end
        wanted['visible'] = entry['visible_to'].nil? if entry.key?('visible_to')
        wanted['visible_to'] = visible_to(entry, object) if entry.key?('visible_to')
        wanted['trackers'] = assigned(entry, 'trackers', object.tracker_ids) if entry.key?('trackers')
        wanted['projects'] = assigned(entry, 'projects', object.project_ids) if entry.key?('projects')
        wanted
      end

      # What a format cannot be, Redmine sets back to false: that would be drift for ever.
      def supported(wanted, format)
        wanted.to_h do |attribute, value|
          able = ABILITIES[attribute]
          [attribute, able ? value.present? && format.class.public_send(able).present? : value]
        end
      end

      # The connector always sees: what it cannot see it cannot write either. Roles of another profile keep what it gave.
      def visible_to(entry, object)
        return [] if entry['visible_to'].nil?

        kept = object.role_ids & context.scope.others_of('role')
        (context.ids(entry['visible_to']) | [SopObject.connector_role_id] | kept).compact.sort
      end

      # For our own trackers (or projects) as the blueprint says; foreign ones stay as they are.
      def assigned(entry, section, ids)
        (context.ids(Array(entry[section])) | (ids - context.scope.ours(section.chomp('s')))).sort
      end

      def current(object)
        super.merge(
          'is_required' => object.is_required, 'is_for_all' => object.is_for_all, 'editable' => object.editable,
          'visible' => object.visible, 'visible_to' => object.role_ids.sort,
          'trackers' => object.tracker_ids.sort, 'projects' => object.project_ids.sort
        )
      end

      def write(object, attribute, value)
        case attribute
        when 'visible_to' then object.role_ids = value
        when 'trackers' then object.tracker_ids = value
        when 'projects' then object.project_ids = value
        else super
        end
      end

      def display(attribute, value)
        models = { 'visible_to' => Role, 'trackers' => Tracker, 'projects' => Project }
        models[attribute] ? names(models[attribute], value) : value
      end
    end
  end
end
