WITH {offices}, {systems},
counted AS (
    SELECT
        organization, count(*) AS systems, sum(state = 'connected') AS connected,
        sum(state = 'exempt') AS exempt, sum(state = 'claimed') AS claimed,
        sum(lgsp_status = 'process') AS under_way
    FROM systems
    GROUP BY organization
)
SELECT
    l.part, l.title_vi AS organization_vi, l.title_en AS organization_en,
    coalesce(sum(c.systems), 0) AS systems,
    coalesce(sum(c.connected), 0) AS connected,
    coalesce(sum(c.under_way), 0) AS under_way,
    coalesce(sum(c.exempt), 0) AS exempt,
    coalesce(sum(c.claimed), 0) AS claimed,
    coalesce(sum(c.systems - c.exempt), 0) AS asked,
    (20000 * sum(c.connected) + sum(c.systems - c.exempt)) / (2 * sum(c.systems - c.exempt))
        AS connected_share
FROM offices l
LEFT JOIN counted c ON l.part = 1 OR c.organization = l.organization
GROUP BY l.part, l.organization
ORDER BY l.part, l.position, l.organization
