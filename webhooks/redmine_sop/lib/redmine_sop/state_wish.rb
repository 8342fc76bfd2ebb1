# frozen_string_literal: true

module RedmineSop
  # The state a caller wants stored with an issue.
  class StateWish
    attr_reader :number, :submission

    def initialize(body)
      request = RequestBody.new(body, %w[number submission data])
      @number = request.text('number')
      @submission = request.text('submission')
      @data = request.hash('data')
    end

    # Asked before anything else is looked at: a taken number is a conflict, whatever else may be wrong.
    def check_number(issue_id = nil)
      return unless @number && SopState.where(number: @number).where.not(issue_id: issue_id).exists?

      raise Conflict, RedmineSop.say('number_taken', number: @number)
    end

    def store(state, cursor:)
      state.assign_attributes(number: @number, submission: @submission, data: @data, cursor: cursor,
                              version: state.version + 1)
      state.save!
    end
  end
end
