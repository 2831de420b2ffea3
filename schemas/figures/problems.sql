WITH {offices},
found AS (
    SELECT record, sum(count) AS places,
        sum(CASE WHEN severity = 'error' THEN count ELSE 0 END) AS errors,
        sum(CASE WHEN severity = 'warning' THEN count ELSE 0 END) AS warnings
    FROM problems GROUP BY record
),
counted AS (
    SELECT
        coalesce(o.organization, '') AS organization, count(*) AS records,
        count(f.record) AS with_problems, sum(f.errors) AS errors, sum(f.warnings) AS warnings,
        sum(f.places) AS places
    FROM records r
    LEFT JOIN organizations o ON o.organization = r.organization
    LEFT JOIN found f ON f.record = r.record
    GROUP BY coalesce(o.organization, '')
)
SELECT
    l.part, l.title_vi AS organization_vi, l.title_en AS organization_en,
    coalesce(sum(c.records), 0) AS records,
    coalesce(sum(c.with_problems), 0) AS with_problems,
    (20000 * sum(c.with_problems) + sum(c.records)) / (2 * sum(c.records)) AS with_problems_share,
    coalesce(sum(c.errors), 0) AS errors,
    coalesce(sum(c.warnings), 0) AS warnings,
    coalesce(sum(c.places), 0) AS places
FROM offices l
LEFT JOIN counted c ON l.part = 1 OR c.organization = l.organization
GROUP BY l.part, l.organization
ORDER BY l.part, l.position, l.organization
