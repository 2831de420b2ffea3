#!/bin/sh
# Runs once, when the volume is empty: the DataStore's database and its reader.
# Afterwards: docker compose run --rm web datastore set-permissions | \
#             docker compose exec -T postgres psql -U ckan -d ckan --set ON_ERROR_STOP=1
set -eu
psql -v ON_ERROR_STOP=1 -v password="$DATASTORE_READ_PASSWORD" -U "$POSTGRES_USER" -d ckan <<'SQL'
CREATE ROLE datastore_read LOGIN PASSWORD :'password';
CREATE DATABASE datastore OWNER ckan;
SQL
