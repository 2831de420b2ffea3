WITH {offices},
counted AS (
    SELECT
        coalesce(o.organization, '') AS organization, count(*) AS tables,
        sum(f.columns > 0) AS described, sum(f.bound > 0) AS with_terms,
        sum(f.columns) AS columns, sum(f.bound) AS bound
    FROM files f
    JOIN records r ON r.record = f.record AND r.kind = 'dataset'
    LEFT JOIN organizations o ON o.organization = r.organization
    WHERE f.tabular = 1
    GROUP BY coalesce(o.organization, '')
)
SELECT
    l.part, l.title_vi AS organization_vi, l.title_en AS organization_en,
    coalesce(sum(c.tables), 0) AS tables,
    coalesce(sum(c.described), 0) AS described,
    coalesce(sum(c.with_terms), 0) AS with_terms,
    (20000 * sum(c.with_terms) + sum(c.tables)) / (2 * sum(c.tables)) AS with_terms_share,
    coalesce(sum(c.columns), 0) AS columns,
    coalesce(sum(c.bound), 0) AS bound,
    (20000 * sum(c.bound) + sum(c.columns)) / (2 * sum(c.columns)) AS bound_share
FROM offices l
LEFT JOIN counted c ON l.part = 1 OR c.organization = l.organization
GROUP BY l.part, l.organization
ORDER BY l.part, l.position, l.organization
