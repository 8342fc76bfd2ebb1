# frozen_string_literal: true

module RedmineSop
  # Who sent the mail that becomes a SOP issue. Redmine forgets him where he has no account: the author is Anonymous then.
  # Kept in the issue's own transaction, so that nobody sees the one without the other.
  module MailOrigin
    KEY = :redmine_sop_mail
    # What Redmine's own handler lets pass (it knows Auto-Submitted and X-Autoreply): bounces, absence notices, bulk mail.
    AUTOMATIC = {
      'Return-Path' => /\A\s*<?\s*>?\s*\z/, 'Content-Type' => %r{\Amultipart/report}i,
      'Precedence' => /\A(auto_reply|bulk|junk)\z/i, 'X-Autorespond' => //
    }.freeze
    ROBOTS = /\A(mailer-daemon|postmaster)@/i

    NUMBER = /\[([A-Z]{2,8}-\d{4}-\d{6,})\]/

    # Prepended to MailHandler.
    module Handler
      private

      def dispatch
        MailOrigin.during(email) { super }
      end

      # An answer to one of the connector's mails is a note on its ticket, not another ticket.
      def dispatch_to_default
        @sop_answer = MailOrigin.answered(email)
        @sop_answer ? receive_issue_reply(@sop_answer) : super
      end

      # Redmine names him Anonymous.
      def cleaned_up_text_body
        @sop_answer ? "#{email.from.first}:\n\n#{super}" : super
      end
    end

    # Included in Issue. A refusal is a line in Redmine's log, as for all mail that it does not take.
    module Owner
      def self.included(base)
        base.validate { errors.add(:base, RedmineSop.say('automatic_mail')) if MailOrigin.unwanted?(self) }
        base.after_create { MailOrigin.keep(self) }
        base.after_destroy { SopSender.where(issue_id: id).delete_all }
      end
    end

    class << self
      def during(email)
        before = Thread.current[KEY]
        Thread.current[KEY] = email
        yield
      ensure
        Thread.current[KEY] = before
      end

      # The id of the issue with the number in the subject, if the sender's address is written on it. Numbers can be guessed.
      def answered(email)
        number = email.subject.to_s[NUMBER, 1]
        issue = number && SopState.find_by(number: number)&.issue
        sender = email.from.to_a.first
        return if issue.nil? || sender.blank?

        issue.id if issue.custom_field_values.any? { |field| field.value.to_s.casecmp?(sender) }
      end

      # An automatic mail neither becomes a ticket nor a note on one: whoever answers it would be answered for ever.
      def unwanted?(issue)
        current && SopObject.tracker?(issue.tracker_id) && automatic?(current)
      end

      def keep(issue)
        return unless current && SopObject.tracker?(issue.tracker_id)

        from = current[:from]&.addrs&.first
        return if from.nil? || from.address.blank?

        SopSender.create!(issue_id: issue.id, mail: from.address.first(255), name: from.display_name.to_s.strip.first(255))
      end

      private

      def current
        Thread.current[KEY]
      end

      def automatic?(email)
        return true if email.from.to_a.first.to_s.match?(ROBOTS)

        AUTOMATIC.any? { |name, sign| email.header[name]&.then { |field| field.to_s.match?(sign) } }
      end
    end
  end
end
