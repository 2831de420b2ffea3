"""Alembic's entry to this plugin's migrations."""

from ckanext.hatinh.shared.migration import migrate

migrate(__file__)
