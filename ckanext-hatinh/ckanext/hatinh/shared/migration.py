"""Runs the Alembic migrations of one plugin; its tables start with the plugin's name."""

from functools import partial
from pathlib import Path
from typing import Any

from alembic import context
from ckan.model.meta import metadata
from sqlalchemy import engine_from_config, pool


def migrate(env_file: str) -> None:
    """Migrate the database that CKAN is configured with; called from the plugin's ``env.py``."""
    plugin = Path(env_file).parent.name
    section = context.config.get_section(context.config.config_ini_section) or {}
    engine = engine_from_config(section, prefix="sqlalchemy.", poolclass=pool.NullPool)
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=metadata,
            version_table=f"{plugin}_alembic_version",
            include_object=partial(belongs_to, plugin),
        )
        with context.begin_transaction():
            context.run_migrations()


def belongs_to(plugin: str, _object: Any, name: str | None, kind: str, *_rest: Any) -> bool:
    """Whether autogenerate should look at a thing of the database for this plugin."""
    return kind != "table" or (name or "").startswith(plugin)
