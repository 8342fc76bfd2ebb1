# frozen_string_literal: true

# The SOP state of one ticket. What `data` means is known to the connector alone.
class SopState < ActiveRecord::Base
  belongs_to :issue

  def data
    JSON.parse(self[:data].presence || '{}')
  end

  def data=(value)
    self[:data] = JSON.generate(value)
  end

  def to_api
    { number: number, submission: submission, cursor: cursor, version: version, data: data }
  end
end
