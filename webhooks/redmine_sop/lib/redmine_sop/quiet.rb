# frozen_string_literal: true

module RedmineSop
  # The connector's own writes send no webhook (it would be an echo) and, unless told to, no mail.
  # A marker of the thread rather than of one journal: a private note with changes makes a second journal inside Redmine,
  # and both send after the transaction has been committed.
  module Quiet
    KEY = :redmine_sop_quiet

    class << self
      def during(mails:)
        before = Thread.current[KEY]
        Thread.current[KEY] = { mails: mails }
        yield
      ensure
        Thread.current[KEY] = before
      end

      def hints?
        Thread.current[KEY].present?
      end

      def mails?
        Thread.current[KEY].present? && !Thread.current[KEY][:mails]
      end
    end

    # Prepended to Issue and Journal.
    module Notifications
      def notify?
        Quiet.mails? ? false : super
      end
    end
  end
end
