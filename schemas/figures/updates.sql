WITH {offices}, {judged},
late AS (
    SELECT r.record,
        CAST(julianday(d.day) - julianday(r.modified) AS INTEGER) - c.days - c.grace AS days
    FROM records r
    CROSS JOIN day d
    JOIN cycles c ON c.frequency = r.frequency
    WHERE r.record IN (SELECT record FROM judged WHERE state = 'overdue')
),
counted AS (
    SELECT
        j.organization, count(*) AS datasets, sum(j.state = 'on_time') AS on_time,
        sum(j.state = 'overdue') AS overdue, sum(j.state = 'unknown') AS update_unknown,
        max(x.days) AS latest
    FROM judged j
    LEFT JOIN late x ON x.record = j.record
    WHERE j.kind = 'dataset'
    GROUP BY j.organization
)
SELECT
    l.part, l.title_vi AS organization_vi, l.title_en AS organization_en,
    coalesce(sum(c.datasets), 0) AS datasets,
    coalesce(sum(c.on_time), 0) AS on_time,
    coalesce(sum(c.overdue), 0) AS overdue,
    coalesce(sum(c.update_unknown), 0) AS update_unknown,
    (20000 * sum(c.on_time) + sum(c.on_time + c.overdue)) / (2 * sum(c.on_time + c.overdue))
        AS on_time_share,
    max(c.latest) AS days_late
FROM offices l
LEFT JOIN counted c ON l.part = 1 OR c.organization = l.organization
GROUP BY l.part, l.organization
ORDER BY l.part, l.position, l.organization
