"""The database of a portal just loaded, put back before a test instead of loading it anew."""

from collections.abc import Iterable
from graphlib import TopologicalSorter

import sqlalchemy as sa
from ckan import model

SCHEMA = "as_loaded"


class Snapshot:
    """Copies of all tables of the portal, in a schema of their own."""

    def __init__(self) -> None:
        self._filled: list[str] = []

    @property
    def kept(self) -> bool:
        """Whether there is something to put back."""
        return bool(self._filled)

    def keep(self) -> None:
        """Copy every table that has rows."""
        run = model.Session.execute
        run(sa.text(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE"))
        run(sa.text(f"CREATE SCHEMA {SCHEMA}"))
        self._filled = [name for name in _tables() if _has_rows(name)]
        for name in self._filled:
            run(sa.text(f'CREATE TABLE {SCHEMA}."{name}" AS TABLE public."{name}"'))
        model.Session.commit()

    def put_back(self) -> None:
        """Empty every table and fill it as it was."""
        model.Session.rollback()
        names = ", ".join(f'public."{name}"' for name in _tables())
        model.Session.execute(sa.text(f"TRUNCATE {names}"))
        for name in self._filled:
            model.Session.execute(
                sa.text(f'INSERT INTO public."{name}" SELECT * FROM {SCHEMA}."{name}"')
            )
        model.Session.commit()
        model.Session.remove()


def _tables() -> Iterable[str]:
    """Tables of the portal, those that others refer to before them; not those of migrations."""
    found = model.Session.scalars(
        sa.text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    )
    refers = model.Session.execute(
        sa.text(
            "SELECT conrelid::regclass::text, confrelid::regclass::text FROM pg_constraint"
            " WHERE contype = 'f' AND connamespace = 'public'::regnamespace"
        )
    )
    before: dict[str, set[str]] = {
        name: set() for name in found if not name.endswith("alembic_version")
    }
    for name, other in ((a.strip('"'), b.strip('"')) for a, b in refers):
        if name != other:
            before[name].add(other)
    return TopologicalSorter(before).static_order()


def _has_rows(name: str) -> bool:
    return bool(model.Session.scalar(sa.text(f'SELECT EXISTS (SELECT 1 FROM public."{name}")')))
