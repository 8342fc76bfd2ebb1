# frozen_string_literal: true

# For administrators only: it makes trackers, roles and workflow.
class SopBlueprintsController < SopBaseController
  skip_before_action :require_connector
  before_action :require_admin
  accept_api_auth :create

  def create
    blueprint = RedmineSop::Blueprint.new(body['blueprint'], adopt: body['adopt'], apply: body['apply'],
                                                              profiles: body['profiles'])
    render json: blueprint.call
  end
end
