# frozen_string_literal: true

module RedmineSop
  # Reads the parts of a body with their types; what is wrong is said by name (400).
  class RequestBody
    def initialize(body, allowed)
      @body = body
      unknown = body.keys - allowed
      raise Malformed, RedmineSop.say('unknown_keys', keys: unknown.join(', ')) if unknown.any?
    end

    def integer(name)
      typed(name, 'integer') { |value| value.is_a?(Integer) }
    end

    def hash(name)
      typed(name, 'object') { |value| value.nil? || value.is_a?(Hash) } || {}
    end

    def hashes(name)
      typed(name, 'list of objects') { |v| v.nil? || (v.is_a?(Array) && v.all?(Hash)) } || []
    end

    def text(name)
      typed(name, 'text') { |value| value.nil? || value.is_a?(String) }
    end

    def flag(name)
      typed(name, 'true or false') { |value| [nil, true, false].include?(value) } || false
    end

    private

    def typed(name, type)
      value = @body[name]
      raise Malformed, RedmineSop.say('wrong_type', name: name, type: type) unless yield(value)

      value
    end
  end
end
