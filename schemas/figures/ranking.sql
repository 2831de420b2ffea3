WITH {systems},
units AS (
    SELECT o.organization, o.title_vi, o.title_en, o.position
    FROM organizations o
    WHERE o.active = 1
),
counted AS (
    -- the datasets of a unit in one pass; a word counts for those where it was measured
    SELECT r.organization, count(*) AS datasets, sum(r.open_level >= t.value) AS open,
        count(u.record) AS used,
        (2 * sum(s.dung) + count(s.dung)) / (2 * count(s.dung)) AS dung,
        (2 * sum(s.du) + count(s.du)) / (2 * count(s.du)) AS du,
        (2 * sum(s.sach) + count(s.sach)) / (2 * count(s.sach)) AS sach,
        (2 * sum(s.song) + count(s.song)) / (2 * count(s.song)) AS song
    FROM records r
    CROSS JOIN (SELECT value FROM settings WHERE name = 'open_target') t
    LEFT JOIN scores s ON s.record = r.record
    LEFT JOIN use u ON u.record = r.record AND u.views + u.downloads + u.calls > 0
    WHERE r.kind = 'dataset'
    GROUP BY r.organization
),
worded AS (
    -- the four words that count for the DTI
    SELECT *,
        coalesce(dung, 0) + coalesce(du, 0) + coalesce(sach, 0) + coalesce(song, 0) AS total,
        (dung IS NOT NULL) + (du IS NOT NULL) + (sach IS NOT NULL) + (song IS NOT NULL)
            AS words
    FROM counted
),
shares AS (
    SELECT organization, datasets, (2 * total + words) / (2 * words) AS quality,
        (20000 * open + datasets) / (2 * datasets) AS completion,
        -- not measured at all while nothing has been counted
        CASE WHEN EXISTS (SELECT 1 FROM use WHERE views + downloads + calls > 0)
            THEN (20000 * used + datasets) / (2 * datasets) END AS use
    FROM worded
),
connection AS (
    SELECT organization, (20000 * sum(state = 'connected') + sum(state <> 'exempt'))
        / (2 * sum(state <> 'exempt')) AS value
    FROM systems
    GROUP BY organization
),
measured AS (
    SELECT n.organization, n.title_vi, n.title_en, n.position, d.datasets, d.quality,
        d.completion, x.value AS connection, d.use,
        (d.quality IS NOT NULL) + (d.completion IS NOT NULL) + (x.value IS NOT NULL)
            + (d.use IS NOT NULL) AS parts
    FROM units n
    LEFT JOIN shares d ON d.organization = n.organization
    LEFT JOIN connection x ON x.organization = n.organization
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
