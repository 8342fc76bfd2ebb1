# frozen_string_literal: true

# The sender of the mail that became an issue: its requester, with or without an account.
class SopSender < ActiveRecord::Base
  belongs_to :issue

  def to_api
    { mail: mail, name: name }
  end
end
