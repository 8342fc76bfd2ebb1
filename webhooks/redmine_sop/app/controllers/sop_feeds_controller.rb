# frozen_string_literal: true

class SopFeedsController < SopBaseController
  accept_api_auth :changes, :states, :numbers

  def changes
    feed = RedmineSop::ChangeFeed.new(
      after_issue: count_param(:after_issue, 0), after_journal: count_param(:after_journal, 0),
      limit: count_param(:limit, 500, maximum: 5000)
    )
    render json: feed.to_h.merge(now: now)
  end

  def states
    feed = RedmineSop::StateFeed.new(
      after: count_param(:after, 0), limit: count_param(:limit, 200, maximum: 1000), open: params[:open] == '1',
      closed_since: time_param(:closed_since)
    )
    render json: feed.to_h
  end

  def numbers
    prefix = params[:prefix].to_s
    raise RedmineSop::Malformed, 'prefix' if prefix.empty?

    render json: { prefix: prefix, highest: RedmineSop::StateFeed.highest_number(prefix) }
  end
end
