"""Runs this plugin's migrations; its tables start with the plugin's name."""

from pathlib import Path

from alembic import context
from ckan.model.meta import metadata
from sqlalchemy import engine_from_config, pool

NAME = Path(__file__).parent.name
VERSION_TABLE = f"{NAME}_alembic_version"


def include_object(_object: object, object_name: str, kind: str, *_rest: object) -> bool:
    """Whether autogenerate should look at a thing of the database."""
    return kind != "table" or object_name.startswith(NAME)


def run() -> None:
    """Migrate the database that CKAN is configured with."""
    section = context.config.get_section(context.config.config_ini_section) or {}
    engine = engine_from_config(section, prefix="sqlalchemy.", poolclass=pool.NullPool)
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=metadata,
            version_table=VERSION_TABLE,
            include_object=include_object,
        )
        with context.begin_transaction():
            context.run_migrations()


run()
