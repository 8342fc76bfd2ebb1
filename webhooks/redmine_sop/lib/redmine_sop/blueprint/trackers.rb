# frozen_string_literal: true

module RedmineSop
  class Blueprint
    class Trackers < Stage
      SECTION = 'trackers'
      KIND = 'tracker'
      MODEL = Tracker
      KEYS = %w[key name description default_status disabled_core_fields].freeze
      ATTRIBUTES = %w[name description default_status disabled_core_fields].freeze

      private

      def desired(entry, _object)
        wanted = super
        wanted['default_status'] = context.id(entry['default_status']) if wanted.key?('default_status')
        wanted['disabled_core_fields'] = fields(entry) if wanted.key?('disabled_core_fields')
        wanted
      end

      def current(object)
        { 'name' => object.name, 'description' => plain(object.description), 'default_status' => object.default_status_id,
          'disabled_core_fields' => object.disabled_core_fields.sort }
      end

      def fields(entry)
        names = Array(entry['disabled_core_fields']).uniq.sort
        unknown = names - Tracker::CORE_FIELDS
        raise Refused, RedmineSop.say('unknown_core_field', where: entry['name'], names: unknown.join(', ')) if unknown.any?

        names
      end

      def write(object, attribute, value)
        case attribute
        when 'default_status' then object.default_status_id = value
        when 'disabled_core_fields' then object.core_fields = Tracker::CORE_FIELDS - value
        else super
        end
      end

      def display(attribute, value)
        attribute == 'default_status' ? IssueStatus.find_by(id: value)&.name : value
      end
    end
  end
end
