"""Free tags (từ khóa), made before the batch that needs them.

The database lets two free tags have one name, so batches that are written side by side would make
each new tag twice. Here they are made one after the other, in a moment, by a line of its own.
"""

from collections.abc import Collection

import sqlalchemy as sa
from ckan import model
from ckan.model.types import make_uuid

TAG = model.tag_table.c
ONE_AT_A_TIME = sa.text("SELECT pg_advisory_xact_lock(hashtext('hatinh_harvest_tags'))")


def make_tags(names: Collection[str]) -> None:
    """Make those of these free tags that there are not, and commit."""
    free = sa.select(TAG.name).where(TAG.name.in_(names), TAG.vocabulary_id.is_(None))
    with model.Session.get_bind().engine.begin() as connection:
        connection.execute(ONE_AT_A_TIME)
        known = set(connection.scalars(free))
        rows = [{"id": make_uuid(), "name": name} for name in names if name not in known]
        if rows:
            connection.execute(sa.insert(model.tag_table), rows)
