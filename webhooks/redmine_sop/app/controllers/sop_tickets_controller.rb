# frozen_string_literal: true

class SopTicketsController < SopBaseController
  accept_api_auth :show

  def show
    state = SopState.find_by!(number: params[:number])
    render json: RedmineSop::Snapshot.new(RedmineSop::Access.issue(state.issue_id)).to_h
  end
end
