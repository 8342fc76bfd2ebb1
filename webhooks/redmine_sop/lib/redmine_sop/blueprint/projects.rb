# frozen_string_literal: true

module RedmineSop
  class Blueprint
    # The administrator's extra modules and foreign trackers of a project stay; only ours are compared.
    class Projects < Stage
      SECTION = 'projects'
      KIND = 'project'
      MODEL = Project
      KEYS = %w[key identifier name description modules is_public trackers members].freeze
      ATTRIBUTES = %w[identifier name description is_public modules trackers].freeze
      # Without it the connector's permission counts for nothing in the project.
      OUR_MODULE = 'sop'

      private

      def namesake(entry)
        Project.find_by(identifier: entry['identifier'])
      end

      def identity(entry)
        entry['identifier']
      end

      def label(entry)
        "#{entry['name']} (#{entry['identifier']})"
      end

      def build(entry)
        Project.new('identifier' => entry['identifier'], 'enabled_module_names' => [], 'trackers' => [])
      end

      def desired(entry, object)
        wanted = super
        wanted['modules'] = (Array(entry['modules']) | [OUR_MODULE] | object.enabled_module_names).sort
        wanted['trackers'] = trackers(entry, object) if wanted.key?('trackers')
        wanted
      end

      def current(object)
        { 'identifier' => object.identifier, 'name' => object.name, 'description' => plain(object.description),
          'is_public' => object.is_public, 'modules' => object.enabled_module_names.sort,
          'trackers' => object.tracker_ids.sort }
      end

      # Ours as the blueprint says, foreign ones as they are. One of ours that has issues here stays.
      def trackers(entry, object)
        ours = context.scope.ours('tracker')
        used = object.new_record? ? [] : Issue.where(project_id: object.id, tracker_id: ours).distinct.pluck(:tracker_id)
        (context.ids(Array(entry['trackers'])) | (object.tracker_ids - ours) | (object.tracker_ids & used)).sort
      end

      def write(object, attribute, value)
        case attribute
        when 'modules' then object.enabled_module_names = value
        when 'trackers' then object.tracker_ids = value
        # Redmine freezes the identifier of a saved project.
        when 'identifier' then object.new_record? ? super : object.send(:write_attribute, :identifier, value)
        else super
        end
      end

      def display(attribute, value)
        attribute == 'trackers' ? names(Tracker, value) : value
      end
    end
  end
end
