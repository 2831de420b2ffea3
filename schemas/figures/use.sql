WITH {offices},
counted AS (
    SELECT
        coalesce(o.organization, '') AS organization, count(*) AS datasets,
        sum(u.views + u.downloads + u.calls > 0) AS used, sum(u.views) AS views,
        sum(u.downloads) AS downloads, sum(u.calls) AS calls
    FROM records r
    LEFT JOIN organizations o ON o.organization = r.organization
    LEFT JOIN use u ON u.record = r.record
    WHERE r.kind = 'dataset'
    GROUP BY coalesce(o.organization, '')
)
SELECT
    l.part, l.title_vi AS organization_vi, l.title_en AS organization_en,
    coalesce(sum(c.datasets), 0) AS datasets,
    coalesce(sum(c.views), 0) AS views,
    coalesce(sum(c.downloads), 0) AS downloads,
    coalesce(sum(c.calls), 0) AS calls,
    coalesce(sum(c.used), 0) AS used,
    (20000 * coalesce(sum(c.used), 0) + sum(c.datasets)) / (2 * sum(c.datasets)) AS used_share
FROM offices l
LEFT JOIN counted c ON l.part = 1 OR c.organization = l.organization
GROUP BY l.part, l.organization
ORDER BY l.part, l.position, l.organization
