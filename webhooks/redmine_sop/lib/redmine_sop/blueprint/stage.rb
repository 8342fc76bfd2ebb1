# frozen_string_literal: true

module RedmineSop
  class Blueprint
    # One kind of named object: found by key, compared attribute by attribute, made, adopted or changed.
    # A subclass says its SECTION, KIND, MODEL, KEYS and how attributes are read and written. An attribute that an entry
    # does not mention is left to the administrator.
    class Stage
      def initialize(context, write: true)
        @context = context
        @write = write
      end

      def call
        check(entries)
        entries.each { |entry| sync(entry) }
      end

      private

      attr_reader :context

      def entries
        context.section(self.class::SECTION)
      end

      def kind
        self.class::KIND
      end

      def model
        self.class::MODEL
      end

      def check(entries)
        entries.each do |entry|
          RequestBody.new(entry, self.class::KEYS)
          next if %w[key name].all? { |name| entry[name].is_a?(String) && entry[name].present? }

          raise Malformed, RedmineSop.say('wrong_type', name: "#{self.class::SECTION}: #{entry}", type: 'key, name')
        end
        [entries.map { |entry| entry['key'] }, entries.map { |entry| identity(entry) }].each do |list|
          twice = list.tally.select { |_, count| count > 1 }.keys
          raise Malformed, RedmineSop.say('twice', what: twice.join(', ')) if twice.any?
        end
      end

      # What may be there only once.
      def identity(entry)
        entry['name']
      end

      def sync(entry)
        object = tracked(entry['key'])
        other = namesake(entry)
        other = nil if other && other.id == object&.id
        if object
          return unless name_free?(entry, other)

          update(object, entry)
        else
          other ? take_over(other, entry) : create(entry)
        end
      end

      def tracked(key)
        record = context.objects[key]
        record && record.kind == kind ? model.find_by(id: record.ref_id) : nil
      end

      # --- three ways to come to an object

      def create(entry)
        object = build(entry)
        wanted = desired(entry, object)
        wanted.each { |attribute, value| write(object, attribute, value) }
        save(object, entry)
        context.track(kind, entry['key'], object.id)
        after_save(object, wanted)
        context.report('create', kind, entry['key'], entry['name'], changes_of(wanted.transform_values { |v| [nil, v] }))
      end

      def update(object, entry, action: 'update')
        wanted = desired(entry, object)
        has = current(object)
        has['name'] = @parked.delete(object.id) if parked?(object)
        differing = wanted.reject { |attribute, value| has[attribute] == value }
        revived = context.objects[entry['key']]&.retired
        context.track(kind, entry['key'], object.id)
        return if differing.empty? && action == 'update' && !revived

        differing.each { |attribute, value| write(object, attribute, value) }
        save(object, entry)
        after_save(object, differing)
        pairs = differing.to_h { |attribute, value| [attribute, [has[attribute], value]] }
        context.report(action, kind, entry['key'], entry['name'], changes_of(pairs))
      end

      # An object with our name and without our key: ours under an older key, to be adopted, or foreign.
      def take_over(other, entry)
        owner = context.owner(kind, other.id)
        if owner
          return refuse_name(entry, other) if context.scope.other?(owner)

          context.rename_key(owner, entry['key'])
        elsif !context.adopt.include?(entry['key'])
          return refuse(entry, other)
        end
        problem = obstacle(other, entry)
        return context.refuse(kind, entry['key'], entry['name'], problem, stand_in: other.id) if problem

        update(other, entry, action: 'adopt')
      end

      def refuse(entry, other)
        reason = RedmineSop.say('refused.foreign', what: RedmineSop.say("kinds.#{kind}"), name: label(entry), id: other.id,
                                                   key: entry['key'])
        context.refuse(kind, entry['key'], entry['name'], reason, stand_in: other.id)
      end

      def refuse_name(entry, other)
        reason = context.owner(kind, other.id) ? 'refused.other_profile' : 'refused.name_taken'
        reason = RedmineSop.say(reason, what: RedmineSop.say("kinds.#{kind}"), name: label(entry), id: other.id)
        context.refuse(kind, entry['key'], entry['name'], reason, stand_in: other.id)
      end

      # Renaming one of ours onto a name that is taken. Between two of ours the other one steps aside for a moment;
      # one that the blueprint no longer has keeps standing as "(lama)".
      def name_free?(entry, other)
        return true unless other

        owner = context.owner(kind, other.id)
        if owner.nil? || context.scope.other?(owner)
          refuse_name(entry, other)
          return false
        end
        step_aside(other, listed: context.keys(self.class::SECTION).include?(owner.key))
        true
      end

      def step_aside(other, listed:)
        (@parked ||= {})[other.id] = current(other)['name'] if listed
        other.update_columns(name_column => listed ? "~sop~#{other.id}" : "#{other.name.first(23)} (lama)")
      end

      def parked?(object)
        @parked&.key?(object.id)
      end

      def name_column
        'name'
      end

      def save(object, entry)
        return if object.save

        context.refuse(kind, entry['key'], entry['name'], object.errors.full_messages.join('; '))
      end

      # --- what subclasses say

      def namesake(entry)
        model.find_by(name: entry['name'])
      end

      def label(entry)
        entry['name']
      end

      def build(_entry)
        model.new
      end

      # The attributes the entry mentions, as they shall be.
      def desired(entry, _object)
        entry.slice(*self.class::ATTRIBUTES).transform_values { |value| plain(value) }
      end

      def current(object)
        self.class::ATTRIBUTES.to_h { |attribute| [attribute, plain(object.public_send(attribute))] }
      end

      def write(object, attribute, value)
        object.public_send("#{attribute}=", value)
      end

      def after_save(object, attributes); end

      # Why an object of that name cannot become ours at all.
      def obstacle(_object, _entry)
        nil
      end

      # How a value is told to a person.
      def display(_attribute, value)
        value
      end

      def changes_of(pairs)
        pairs.to_h { |attribute, (old, new)| [attribute, [display(attribute, old), display(attribute, new)]] }
      end

      # Redmine stores "nothing" as null or as an empty text, by turns.
      def plain(value)
        value.is_a?(String) ? value.gsub("\r\n", "\n").strip.presence : value
      end

      def names(of, ids)
        ids && of.where(id: ids).map(&:name).sort
      end
    end
  end
end
