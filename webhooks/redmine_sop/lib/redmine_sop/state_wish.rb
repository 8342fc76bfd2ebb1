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

    def store(state, cursor:)
      taken = SopState.where(number: @number).where.not(issue_id: state.issue_id) if @number
      raise Conflict, RedmineSop.say('number_taken', number: @number) if taken&.exists?

      state.assign_attributes(number: @number, submission: @submission, data: @data, cursor: cursor,
                              version: state.version + 1)
      state.save!
    end
  end
end
