"""Tombstones and names that are never given away, kept by the database whoever writes.

A rename, a withdrawal and a return are seen where the row changes: in actions, batches, rollbacks
and statements by hand alike, within the transaction that does it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

BURY = """
CREATE OR REPLACE FUNCTION hatinh_permanent_bury(
    record text, why text, words text, instead text
) RETURNS void LANGUAGE sql AS $$
    INSERT INTO hatinh_permanent_tombstone
        (id, kind, name, title, title_en, organization, at, cause, reason, successor)
    SELECT p.id, p.type, p.name, coalesce(nullif(p.title, ''), p.name),
        coalesce(CASE WHEN p.extras->>'title_translated' IS JSON OBJECT
            THEN (p.extras->>'title_translated')::jsonb->>'en' END, ''),
        coalesce((SELECT o.name FROM "group" o WHERE o.id = p.owner_org), ''),
        now(), why, words, instead
    FROM package p WHERE p.id = record AND p.state = 'active' AND p.private IS NOT TRUE
    ON CONFLICT (id) DO NOTHING
$$;
"""
"""Writes the tombstone of a public record; the first that says why is the one that stays."""

RECORDS = """
CREATE OR REPLACE FUNCTION hatinh_permanent_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state = 'active' AND OLD.private IS NOT TRUE THEN
        IF NEW.state = 'deleted' THEN
            PERFORM hatinh_permanent_bury(OLD.id, 'unstated', '', '');
        END IF;
        INSERT INTO hatinh_permanent_name (scope, name, id)
        VALUES ('record', OLD.name, OLD.id), ('record', OLD.id, OLD.id) ON CONFLICT DO NOTHING;
    ELSIF NEW.state = 'active' THEN
        DELETE FROM hatinh_permanent_tombstone WHERE id = NEW.id;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER hatinh_permanent_changed
    BEFORE UPDATE OF name, state, private ON package
    FOR EACH ROW WHEN
        ((OLD.name, OLD.state, OLD.private) IS DISTINCT FROM (NEW.name, NEW.state, NEW.private))
    EXECUTE FUNCTION hatinh_permanent_changed();

CREATE OR REPLACE FUNCTION hatinh_permanent_back() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM hatinh_permanent_tombstone WHERE id = NEW.id;
    RETURN NEW;
END $$;
CREATE TRIGGER hatinh_permanent_back
    AFTER INSERT ON package
    FOR EACH ROW WHEN (NEW.state = 'active')
    EXECUTE FUNCTION hatinh_permanent_back();
"""

GROUPS = """
CREATE OR REPLACE FUNCTION hatinh_permanent_renamed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO hatinh_permanent_name (scope, name, id)
    VALUES ('group', OLD.name, OLD.id) ON CONFLICT DO NOTHING;
    RETURN NEW;
END $$;
CREATE TRIGGER hatinh_permanent_renamed
    BEFORE UPDATE OF name ON "group"
    FOR EACH ROW WHEN (OLD.state = 'active' AND OLD.name IS DISTINCT FROM NEW.name)
    EXECUTE FUNCTION hatinh_permanent_renamed();
"""

GUARD = """
CREATE OR REPLACE FUNCTION hatinh_permanent_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM hatinh_permanent_name n
        WHERE n.scope = TG_ARGV[0] AND n.name = NEW.name AND n.id <> NEW.id
    ) THEN
        RAISE EXCEPTION 'the name % belongs to something else for ever', NEW.name
            USING ERRCODE = 'unique_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER hatinh_permanent_guard AFTER INSERT OR UPDATE OF name ON package
    FOR EACH ROW EXECUTE FUNCTION hatinh_permanent_guard('record');
CREATE TRIGGER hatinh_permanent_guard AFTER INSERT OR UPDATE OF name ON "group"
    FOR EACH ROW EXECUTE FUNCTION hatinh_permanent_guard('group');
"""
"""After the row is written: by then a rename that was under way is done, and is seen."""

TRIGGERS = {
    "package": ("changed", "back", "guard"),
    '"group"': ("renamed", "guard"),
}


def upgrade() -> None:
    """Make the tables and the triggers."""
    # No foreign key: a tombstone outlives its record.
    op.create_table(
        "hatinh_permanent_tombstone",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("title_en", sa.Text, nullable=False),
        sa.Column("organization", sa.Text, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cause", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("successor", sa.Text, nullable=False),
    )
    op.create_table(
        "hatinh_permanent_name",
        sa.Column("scope", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("id", sa.Text, nullable=False),
    )
    op.create_index("hatinh_permanent_name_of", "hatinh_permanent_name", ["id"])
    for statements in (BURY, RECORDS, GROUPS, GUARD):
        op.execute(statements)


def downgrade() -> None:
    """Drop everything again."""
    for table, names in TRIGGERS.items():
        for name in names:
            op.execute(f"DROP TRIGGER hatinh_permanent_{name} ON {table}")
    for name in ("changed", "back", "guard", "renamed", "bury"):
        op.execute(f"DROP FUNCTION hatinh_permanent_{name}")
    for table in ("tombstone", "name"):
        op.drop_table(f"hatinh_permanent_{table}")
