# frozen_string_literal: true

class SopInfoController < SopBaseController
  accept_api_auth :show, :ping, :directory

  def show
    render json: RedmineSop::Info.new(User.current).to_h.merge(now: now)
  end

  def ping
    render json: RedmineSop::Sender.ping
  end

  def directory
    project = RedmineSop::Access.projects.find_by!(identifier: params[:project].to_s)
    render json: { roles: RedmineSop::Directory.new(project).to_h }
  end
end
