# frozen_string_literal: true

module RedmineSop
  class Blueprint
    # What the stages share: the sections, which key is which object, and what there is to report.
    class Context
      attr_reader :changes, :refused, :adopt

      def initialize(sections, adopt, profiles = nil)
        @sections = sections
        @adopt = adopt
        @profiles = profiles
        @changes = []
        @refused = []
        @stand_ins = {}
      end

      def section(name)
        entries = @sections[name] || []
        valid = entries.is_a?(Array) && entries.all?(Hash)
        raise Malformed, RedmineSop.say('wrong_type', name: name, type: 'list of objects') unless valid

        entries
      end

      def settings
        settings = @sections['settings'] || {}
        raise Malformed, RedmineSop.say('wrong_type', name: 'settings', type: 'object') unless settings.is_a?(Hash)

        settings
      end

      def keys(section)
        section(section).map { |entry| entry['key'] }
      end

      def objects
        @objects ||= SopObject.all.index_by(&:key)
      end

      def scope
        @scope ||= Scope.new(@profiles, objects)
      end

      # The id behind a key; a key nobody knows is a mistake of the blueprint.
      def id(key)
        @stand_ins[key] || objects[key]&.ref_id || raise(Refused, RedmineSop.say('unknown_key', key: key.inspect))
      end

      def ids(keys)
        keys.map { |key| id(key) }
      end

      def known?(key)
        @stand_ins.key?(key) || objects.key?(key)
      end

      def owner(kind, ref_id)
        objects.values.detect { |object| object.kind == kind && object.ref_id == ref_id }
      end

      def track(kind, key, ref_id)
        object = objects[key] || SopObject.new(kind: kind, key: key)
        object.update!(ref_id: ref_id, retired: false)
        objects[key] = object
      end

      def rename_key(object, key)
        objects.delete(object.key)
        object.update!(key: key)
        objects[key] = object
      end

      def forget(object)
        objects.delete(object.key)
        object.destroy!
      end

      def report(action, kind, key, name, changes = {})
        @changes << { action: action, kind: kind, key: key, name: name, changes: changes }
      end

      # The plan goes on with the foreign object in place of ours, so that everything refused is told at once.
      def refuse(kind, key, name, reason, stand_in: nil)
        @refused << { kind: kind, key: key, name: name, reason: reason }
        stand_in ? @stand_ins[key] = stand_in : throw(:stop)
      end
    end
  end
end
