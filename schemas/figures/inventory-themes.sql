WITH {judged},
lines AS (
    SELECT 0 AS part, code AS theme, title_vi, title_en, position FROM codes WHERE list = 'themes'
    UNION ALL SELECT 0, '', '(Chưa có chủ đề)', '(No theme)', 1000000
    UNION ALL SELECT 1, '', 'Cộng', 'Total', 1000001
),
placed AS (
    SELECT record, theme FROM themes WHERE theme IN (SELECT theme FROM lines)
),
members AS (
    -- a dataset of two themes stands in two lines, and once in the total
    SELECT 0 AS part, theme, record FROM placed
    UNION ALL
    SELECT 0, '', record FROM judged WHERE record NOT IN (SELECT record FROM placed)
    UNION ALL
    SELECT 1, '', record FROM judged
)
SELECT
    l.part, l.title_vi AS title_vi, l.title_en AS title_en, l.theme,
    count(j.record) AS datasets,
    coalesce(sum(j.publication_class = 'cong_khai'), 0) AS public,
    coalesce(sum(j.open_level >= t.value), 0) AS open_level_3,
    (20000 * sum(j.open_level >= t.value) + count(j.record)) / (2 * count(j.record))
        AS open_level_3_share,
    coalesce(sum(j.state = 'on_time'), 0) AS on_time,
    coalesce(sum(j.state = 'overdue'), 0) AS overdue,
    (2 * sum(s.total) + count(s.total)) / (2 * count(s.total)) AS score
FROM lines l
CROSS JOIN (SELECT value FROM settings WHERE name = 'open_target') t
LEFT JOIN members m ON m.part = l.part AND m.theme = l.theme
LEFT JOIN judged j ON j.record = m.record AND j.kind = 'dataset'
LEFT JOIN scores s ON s.record = j.record
GROUP BY l.part, l.theme
ORDER BY l.part, l.position, l.theme
