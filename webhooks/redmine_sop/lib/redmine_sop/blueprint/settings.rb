# frozen_string_literal: true

module RedmineSop
  class Blueprint
    # Written last and only by a real apply: other requests read settings from memory, where a plan must leave no trace.
    class Settings
      def initialize(context, write:)
        @context = context
        @write = write
      end

      def call
        @context.settings.each do |name, value|
          unless Setting.available_settings.key?(name)
            raise Refused, RedmineSop.say('unknown_setting', name: name)
          end

          has = Setting[name]
          next if plain(has) == plain(value)

          @context.report('update', 'setting', "setting:#{name}", name, { 'value' => [has, value] })
          Setting[name] = value if @write && @context.refused.empty?
        end
      end

      private

      def plain(value)
        value.is_a?(Enumerable) ? value : value.to_s
      end
    end
  end
end
