#!/bin/sh
# Runs once, when PostgreSQL finds an empty data directory: a role that owns and migrates, and one
# for the application, which owns nothing and can change no table's shape.
set -eu
secrets=${SECRETS:-/run/secrets}
psql --quiet --no-psqlrc --set=ON_ERROR_STOP=1 \
    --username="${POSTGRES_USER:-postgres}" --dbname="$POSTGRES_DB" <<SQL
\set owner_password \`cat "$secrets/owner_password"\`
\set app_password \`cat "$secrets/app_password"\`
CREATE ROLE ashlar_owner LOGIN PASSWORD :'owner_password';
CREATE ROLE ashlar_app LOGIN PASSWORD :'app_password';
ALTER DATABASE :"DBNAME" OWNER TO ashlar_owner;
REVOKE ALL ON DATABASE :"DBNAME" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"DBNAME" TO ashlar_app;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
SQL
