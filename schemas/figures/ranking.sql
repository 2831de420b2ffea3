WITH {systems},
units AS (
    SELECT o.organization, o.title_vi, o.title_en, o.position
    FROM organizations o
    WHERE o.active = 1
),
words AS (
    -- the four words that count for the DTI, each where it was measured
    SELECT r.organization,
        (2 * sum(s.dung) + count(s.dung)) / (2 * count(s.dung)) AS dung,
        (2 * sum(s.du) + count(s.du)) / (2 * count(s.du)) AS du,
        (2 * sum(s.sach) + count(s.sach)) / (2 * count(s.sach)) AS sach,
        (2 * sum(s.song) + count(s.song)) / (2 * count(s.song)) AS song
    FROM records r JOIN scores s ON s.record = r.record
    WHERE r.kind = 'dataset'
    GROUP BY r.organization
),
quality AS (
    SELECT organization, (2 * total + measured) / (2 * measured) AS value
    FROM (
        SELECT organization,
            coalesce(dung, 0) + coalesce(du, 0) + coalesce(sach, 0) + coalesce(song, 0) AS total,
            (dung IS NOT NULL) + (du IS NOT NULL) + (sach IS NOT NULL) + (song IS NOT NULL)
                AS measured
        FROM words
    )
),
completion AS (
    SELECT r.organization, count(*) AS datasets,
        (20000 * sum(r.open_level >= t.value) + count(*)) / (2 * count(*)) AS value
    FROM records r CROSS JOIN (SELECT value FROM settings WHERE name = 'open_target') t
    WHERE r.kind = 'dataset'
    GROUP BY r.organization
),
connection AS (
    SELECT organization, (20000 * sum(state = 'connected') + sum(state <> 'exempt'))
        / (2 * sum(state <> 'exempt')) AS value
    FROM systems
    GROUP BY organization
),
used AS (
    SELECT record FROM use WHERE views + downloads + calls > 0
),
use_share AS (
    -- not measured at all while nothing has been counted
    SELECT r.organization, (20000 * count(u.record) + count(*)) / (2 * count(*)) AS value
    FROM records r LEFT JOIN used u ON u.record = r.record
    WHERE r.kind = 'dataset' AND EXISTS (SELECT 1 FROM used)
    GROUP BY r.organization
),
measured AS (
    SELECT n.organization, n.title_vi, n.title_en, n.position, c.datasets, q.value AS quality,
        c.value AS completion, x.value AS connection, u.value AS use,
        (q.value IS NOT NULL) + (c.value IS NOT NULL) + (x.value IS NOT NULL)
            + (u.value IS NOT NULL) AS parts
    FROM units n
    LEFT JOIN quality q ON q.organization = n.organization
    LEFT JOIN completion c ON c.organization = n.organization
    LEFT JOIN connection x ON x.organization = n.organization
    LEFT JOIN use_share u ON u.organization = n.organization
),
totalled AS (
    SELECT *, CASE WHEN quality IS NOT NULL THEN (
        2 * (quality + coalesce(completion, 0) + coalesce(connection, 0) + coalesce(use, 0))
            + parts
    ) / (2 * parts) END AS points
    FROM measured
)
SELECT
    CASE WHEN t.points IS NOT NULL THEN rank() OVER (ORDER BY t.points DESC) END AS rank,
    CASE WHEN t.points IS NOT NULL THEN count(*) OVER (PARTITION BY t.points) END AS tied,
    t.title_vi AS organization_vi, t.title_en AS organization_en,
    coalesce(t.datasets, 0) AS datasets, t.quality, t.completion, t.connection, t.use, t.points
FROM totalled t
ORDER BY t.points IS NULL, t.points DESC, t.position, t.organization
