# frozen_string_literal: true

# For administrators only: it rewrites the history.
class SopErasuresController < SopBaseController
  skip_before_action :require_connector
  before_action :require_admin
  accept_api_auth :create

  def create
    issue = RedmineSop::Access.issue(params[:id])
    render json: RedmineSop::Erasure.new(issue.id, body).call
  end
end
