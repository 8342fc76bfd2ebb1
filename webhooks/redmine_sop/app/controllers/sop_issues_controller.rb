# frozen_string_literal: true

class SopIssuesController < SopBaseController
  accept_api_auth :show, :commit, :create

  def show
    render json: RedmineSop::Snapshot.new(RedmineSop::Access.issue(params[:id])).to_h
  end

  def commit
    issue = RedmineSop::Access.issue(params[:id])
    render json: RedmineSop::Commit.new(issue.id, body).call
  end

  def create
    creation = RedmineSop::Creation.new(body)
    answer = creation.call
    render json: answer, status: creation.made? ? :created : :ok
  end
end
