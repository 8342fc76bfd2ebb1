# frozen_string_literal: true

module RedmineSop
  class Blueprint
    # Public queries. In filters and columns keys stand for custom fields, statuses and other objects of ours.
    class Queries < Stage
      SECTION = 'queries'
      KIND = 'query'
      MODEL = IssueQuery
      KEYS = %w[key project name filters columns sort group_by].freeze
      ATTRIBUTES = %w[name project filters columns sort group_by].freeze

      private

      def identity(entry)
        [entry['project'], entry['name']]
      end

      def namesake(entry)
        project = entry['project'] && context.id(entry['project'])
        IssueQuery.find_by(name: entry['name'], project_id: project, visibility: IssueQuery::VISIBILITY_PUBLIC)
      end

      def build(_entry)
        IssueQuery.new(user: User.current)
      end

      def desired(entry, _object)
        wanted = super
        wanted['project'] &&= context.id(entry['project'])
        wanted['filters'] = filters(entry) if wanted.key?('filters')
        wanted['columns'] = Array(entry['columns']).map { |name| field(name) } if wanted.key?('columns')
        wanted['sort'] = Array(entry['sort']).map { |name, order| [field(name), order.to_s] } if wanted.key?('sort')
        wanted['group_by'] = entry['group_by'] && field(entry['group_by']) if wanted.key?('group_by')
        wanted.merge('visibility' => IssueQuery::VISIBILITY_PUBLIC)
      end

      def current(object)
        columns = object.read_attribute(:column_names).presence || object.default_columns_names
        {
          'name' => object.name, 'project' => object.project_id, 'visibility' => object.visibility,
          'filters' => (object.filters || {}).to_h { |name, filter| [name.to_s, stored(filter)] },
          'columns' => columns.map(&:to_s), 'sort' => Array(object.read_attribute(:sort_criteria)),
          'group_by' => object.group_by.presence
        }
      end

      def stored(filter)
        [filter[:operator].to_s, Array(filter[:values]).map(&:to_s)]
      end

      def filters(entry)
        entry['filters'].to_h do |name, filter|
          values = Array(filter['values']).map { |value| context.known?(value) ? context.id(value).to_s : value.to_s }
          [field(name), [filter['operator'].to_s, values.presence || ['']]]
        end
      end

      def field(name)
        context.known?(name) ? "cf_#{context.id(name)}" : name.to_s
      end

      def write(object, attribute, value)
        case attribute
        when 'project' then object.project_id = value
        when 'filters'
          object.filters = value.transform_values { |operator, values| { operator: operator, values: values } }
        when 'columns' then object.column_names = value
        when 'sort' then object.sort_criteria = value
        else super
        end
      end

      def display(attribute, value)
        attribute == 'project' ? Project.find_by(id: value)&.identifier : value
      end
    end
  end
end
