WITH {offices}, {judged},
counted AS (
    SELECT
        j.organization, count(*) AS datasets,
        sum(j.open_level = 0) AS level_0, sum(j.open_level = 1) AS level_1,
        sum(j.open_level = 2) AS level_2, sum(j.open_level = 3) AS level_3,
        sum(j.open_level = 4) AS level_4, sum(j.open_level = 5) AS level_5,
        sum(j.open_level >= t.value) AS enough
    FROM judged j
    CROSS JOIN (SELECT value FROM settings WHERE name = 'open_target') t
    WHERE j.kind = 'dataset'
    GROUP BY j.organization
)
SELECT
    l.part, l.title_vi AS organization_vi, l.title_en AS organization_en,
    coalesce(sum(c.datasets), 0) AS datasets,
    coalesce(sum(c.level_0), 0) AS level_0, coalesce(sum(c.level_1), 0) AS level_1,
    coalesce(sum(c.level_2), 0) AS level_2, coalesce(sum(c.level_3), 0) AS level_3,
    coalesce(sum(c.level_4), 0) AS level_4, coalesce(sum(c.level_5), 0) AS level_5,
    coalesce(sum(c.enough), 0) AS open_level_3,
    (20000 * sum(c.enough) + sum(c.datasets)) / (2 * sum(c.datasets)) AS open_level_3_share
FROM offices l
LEFT JOIN counted c ON l.part = 1 OR c.organization = l.organization
GROUP BY l.part, l.organization
ORDER BY l.part, l.position, l.organization
