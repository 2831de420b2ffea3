#!/bin/sh
# One image, four parts: setup (once, before the others), web, worker, data.
set -eu
cd /opt/portal
python3 -m services configure
export CKAN_INI="$PORTAL_VAR/ckan.ini" PYTHONPATH=/opt/portal

case "$1" in
setup)
    exec var/venv/bin/python -m services.ckan_setup "$CKAN_INI" < docker/setup.json
    ;;
web)
    exec var/venv/bin/gunicorn services.wsgi:application \
        --config services/gunicorn_conf.py --bind 0.0.0.0:5000 --workers 2 --threads 4
    ;;
worker)
    exec nice -n 19 var/venv/bin/ckan -c "$CKAN_INI" hatinh harvest worker
    ;;
data)
    exec nice -n 19 var/venv/bin/ckan -c "$CKAN_INI" hatinh data worker
    ;;
*)
    exec var/venv/bin/ckan -c "$CKAN_INI" "$@"
    ;;
esac
