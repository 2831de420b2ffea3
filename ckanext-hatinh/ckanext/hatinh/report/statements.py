"""The SQL of the plain tables: one statement of PostgreSQL for each, whatever their size.

Each reads from ``kept``, the active records that count: those of one office when ``:organization``
is not empty, public ones unless ``:everything``. Tables of sibling plugins are read only.
"""

from dataclasses import dataclass

KEPT = """
WITH kept AS (
    SELECT p.*, coalesce(g.name, '') AS organization
    FROM package p LEFT JOIN "group" g ON g.id = p.owner_org
    WHERE p.state = 'active' AND p.type = ANY(:kinds) AND (:everything OR NOT p.private)
        AND (:organization = '' OR g.name = :organization)
)
"""


@dataclass(frozen=True, slots=True)
class Statement:
    """A SELECT, and the plugin's table without which there is nothing to read."""

    sql: str
    of: str = ""


RECORDS = """
SELECT k.id AS record, k.name, coalesce(nullif(k.title, ''), k.name) AS title, k.type AS kind,
    k.organization, k.extras ->> 'former_publisher' AS former_organization,
    k.private::int AS private, k.extras ->> 'harvest_source' AS source,
    k.extras ->> 'publication_class' AS publication_class,
    k.extras ->> 'sharing_level' AS sharing_level, k.extras ->> 'data_layer' AS data_layer,
    k.extras ->> 'pii_class' AS pii_class, k.extras ->> 'importance_class' AS importance_class,
    k.extras ->> 'frequency' AS frequency, left(k.extras ->> 'modified', 10) AS modified,
    k.license_id AS licence,
    CASE WHEN k.license_id = ANY(:licences) THEN coalesce(f.level, 0) ELSE 0 END AS open_level,
    f.formats,
    k.extras ->> 'source_system' AS system, k.extras ->> 'system_kind' AS system_kind,
    k.extras ->> 'lgsp_status' AS lgsp_status, k.extras ->> 'legal_basis' AS legal_basis,
    k.extras ->> 'approved_by' AS approved_by, k.extras ->> 'contact' AS contact,
    (k.metadata_created AT TIME ZONE 'UTC' AT TIME ZONE :zone)::date::text AS created
FROM (
    -- the extras are unpacked once: `||` gives them whole, and OFFSET keeps the subquery apart
    SELECT id, name, title, type, private, license_id, metadata_created, organization,
        extras || '{}' AS extras
    FROM kept OFFSET 0
) k LEFT JOIN (
    SELECT package_id, max(coalesce(l.level, :other_level)) AS level,
        string_agg(DISTINCT replace(upper(r.format), ' ', '-'), ' ') AS formats
    FROM resource r
    LEFT JOIN jsonb_to_recordset(CAST(:levels AS jsonb)) AS l(format text, level int)
        ON l.format = upper(r.format)
    WHERE r.state = 'active' AND r.format <> '' GROUP BY package_id
) f ON f.package_id = k.id
"""

THEMES = """
SELECT k.id AS record, t.extras ->> 'code' AS theme
FROM kept k JOIN member m ON m.table_id = k.id AND m.state = 'active' AND m.table_name = 'package'
JOIN "group" t ON t.id = m.group_id AND NOT t.is_organization AND t.state = 'active'
WHERE t.extras ->> 'code' <> ''
"""

_COLUMNS = """(
    SELECT {} FROM (
        SELECT title, max(element) AS element FROM (
            SELECT promised ->> 'name' AS title, promised ->> 'element' AS element
            FROM jsonb_array_elements(
                CASE WHEN r.extras::jsonb ->> 'schema' IS JSON OBJECT
                    AND jsonb_typeof((r.extras::jsonb ->> 'schema')::jsonb -> 'columns') = 'array'
                THEN (r.extras::jsonb ->> 'schema')::jsonb -> 'columns' ELSE '[]' END
            ) promised
            UNION ALL
            SELECT b."column", b.element FROM hatinh_dictionary_binding b WHERE b.resource_id = r.id
        ) named GROUP BY title
    ) merged
)"""
"""Of the columns that a file's schema promises or that people bound."""

FILES = f"""
SELECT r.id AS file, r.package_id AS record, upper(r.format) AS format,
    CASE WHEN r.format <> '' THEN coalesce(l.level, :other_level) ELSE 0 END AS level,
    (upper(r.format) = ANY(:tabular))::int AS tabular,
    {_COLUMNS.format("count(*)::int")} AS columns,
    {_COLUMNS.format("(count(*) FILTER (WHERE element <> ''))::int")} AS bound
FROM kept k JOIN resource r ON r.package_id = k.id AND r.state = 'active'
LEFT JOIN jsonb_to_recordset(CAST(:levels AS jsonb)) AS l(format text, level int)
    ON l.format = upper(r.format)
"""

EXEMPTIONS = """
SELECT k.id AS record, k.extras ->> 'lgsp_exception' AS reason,
    k.extras ->> 'lgsp_approval' AS approval, NULL::int AS approved
FROM kept k WHERE k.type = 'system' AND trim(k.extras ->> 'lgsp_exception') <> ''
"""

_SCORE = "round((s.dimensions ->> '{0}')::float8 * 100)::int AS {0}"

SCORES = f"""
SELECT k.id AS record, s.formula,
    coalesce(s.day, (s.measured_at AT TIME ZONE :zone)::date)::text AS day,
    round(s.total * 100)::int AS total, {_SCORE.format("dung")}, {_SCORE.format("du")},
    {_SCORE.format("sach")}, {_SCORE.format("song")}, {_SCORE.format("thong_nhat")},
    {_SCORE.format("dung_chung")}
FROM kept k JOIN hatinh_quality_score s ON s.package_id = k.id
"""

LOSSES = """
SELECT k.id AS record, l.position::int AS position, l.loss ->> 'dimension' AS dimension,
    l.loss ->> 'rule' AS rule, round((l.loss ->> 'points')::numeric * 100)::int AS points,
    (l.loss ->> 'count')::int AS count, l.loss ->> 'path' AS path
FROM kept k JOIN hatinh_quality_score s ON s.package_id = k.id
CROSS JOIN LATERAL jsonb_array_elements(s.losses) WITH ORDINALITY AS l(loss, position)
"""

PROBLEMS = """
SELECT k.id AS record, p.problem ->> 'code' AS code, p.problem ->> 'severity' AS severity,
    sum((p.problem ->> 'count')::int)::int AS count
FROM kept k JOIN hatinh_quality_score s ON s.package_id = k.id
CROSS JOIN LATERAL jsonb_array_elements(s.problems) AS p(problem)
GROUP BY 1, 2, 3
"""

SOURCES = """
SELECT s.name AS source, coalesce(s.title ->> 'vi', s.name) AS title_vi,
    s.title ->> 'en' AS title_en, s.kind, s.owner AS organization, s.active::int AS active,
    coalesce(last.state, '') AS state,
    (good.finished AT TIME ZONE :zone)::date::text AS last_success,
    (
        SELECT count(*)::int FROM hatinh_harvest_run r
        WHERE r.source = s.name AND r.state IN ('failed', 'interrupted')
            AND r.queued > coalesce(good.queued, '-infinity')
    ) AS failures,
    (
        SELECT count(*)::int FROM hatinh_harvest_record r JOIN kept k ON k.id = r.package_id
        WHERE r.source = s.name AND r.state = 'live'
    ) AS records,
    coalesce((last.counts ->> 'rejected')::int, 0) AS rejected
FROM hatinh_harvest_source s
LEFT JOIN LATERAL (
    SELECT state, counts FROM hatinh_harvest_run r WHERE r.source = s.name
    ORDER BY r.queued DESC LIMIT 1
) last ON true
LEFT JOIN LATERAL (
    SELECT queued, finished FROM hatinh_harvest_run r
    WHERE r.source = s.name AND r.state = 'complete' ORDER BY r.queued DESC LIMIT 1
) good ON true
WHERE s.state = 'live' AND (:organization = '' OR s.owner = :organization)
"""

FINDINGS = """
SELECT f.id AS finding, f.kind, f.owner AS organization, f.subject AS record,
    (f.first_seen AT TIME ZONE :zone)::date::text AS since
FROM hatinh_register_finding f
WHERE f.closed IS NULL AND (:organization = '' OR f.owner = :organization)
    AND (:everything OR f.subject IN (SELECT id FROM kept))
"""

USE = """
SELECT k.id AS record, sum(u.views)::int AS views, sum(u.downloads)::int AS downloads,
    sum(u.calls)::int AS calls
FROM kept k JOIN hatinh_use_day u ON u.package_id = k.id
WHERE u.day BETWEEN (date_trunc('month', CAST(:day AS date)) - interval '11 months')::date AND :day
GROUP BY k.id
"""

ORGANIZATIONS = """
SELECT g.name AS organization, coalesce(nullif(g.title, ''), g.name) AS title_vi, '' AS title_en,
    g.extras ->> 'kind' AS kind, 1 AS active, g.extras ->> 'successor' AS successor, 0 AS position
FROM "group" g
WHERE g.is_organization AND g.state = 'active' AND (:organization = '' OR g.name = :organization)
"""

STATEMENTS = {
    "organizations": Statement(ORGANIZATIONS),
    "records": Statement(RECORDS),
    "themes": Statement(THEMES),
    "files": Statement(FILES),
    "exemptions": Statement(EXEMPTIONS),
    "scores": Statement(SCORES, of="hatinh_quality_score"),
    "losses": Statement(LOSSES, of="hatinh_quality_score"),
    "problems": Statement(PROBLEMS, of="hatinh_quality_score"),
    "use": Statement(USE, of="hatinh_use_day"),
    "sources": Statement(SOURCES, of="hatinh_harvest_source"),
    "findings": Statement(FINDINGS, of="hatinh_register_finding"),
}
"""Every table that is read from the database; the dictionary's own tables are always there."""
