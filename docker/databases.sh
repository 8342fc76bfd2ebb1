#!/usr/bin/env bash
# Run once by the PostgreSQL image, on an empty data volume: a database and an owner for Redmine, and for the connector.
set -euo pipefail

psql --set=ON_ERROR_STOP=1 --username=postgres --dbname=postgres \
    --set=redmine="$(cat /run/secrets/redmine_db_password)" --set=connector="$CONNECTOR_DB_PASSWORD" <<'SQL'
CREATE ROLE redmine LOGIN PASSWORD :'redmine';
CREATE DATABASE redmine OWNER redmine;
REVOKE CONNECT ON DATABASE redmine FROM PUBLIC;
CREATE ROLE sop_connector LOGIN PASSWORD :'connector';
CREATE DATABASE sop_connector OWNER sop_connector;
REVOKE CONNECT ON DATABASE sop_connector FROM PUBLIC;
SQL
