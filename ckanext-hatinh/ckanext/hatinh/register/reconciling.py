"""One reconciliation: read, look, keep. The data worker does it, and whoever asks for it."""

from datetime import UTC, datetime

from ckan import model as core

from ckanext.hatinh.register import model, records
from hatinh.register import reconcile

EVERY = 600.0
"""Seconds between two runs of the data worker."""


def run() -> model.Changed:
    """Reconcile now and commit."""
    changed = look()
    core.Session.commit()
    return changed


def look() -> model.Changed:
    """Reconcile in the open transaction."""
    model.alone()
    return model.save(reconcile(records.facts()), datetime.now(UTC))
