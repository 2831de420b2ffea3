WITH RECURSIVE {offices}, {judged},
alike AS (
    -- records that differ in nothing that is counted
    SELECT organization, kind, publication_class, state, open_level >= t.value AS open_enough,
        count(*) AS records
    FROM judged CROSS JOIN (SELECT value FROM settings WHERE name = 'open_target') t
    GROUP BY organization, kind, publication_class, state, open_enough
),
counted AS (
    SELECT
        organization,
        sum(records * (kind = 'dataset')) AS datasets,
        sum(records * (kind = 'system')) AS systems,
        sum(records * (kind = 'dataservice')) AS dataservices,
        sum(records * (kind = 'dataset' AND publication_class = 'cong_khai')) AS public,
        sum(records * (kind = 'dataset' AND publication_class = 'co_dieu_kien')) AS conditional,
        sum(records * (kind = 'dataset' AND publication_class = 'khong')) AS not_public,
        sum(records * (kind = 'dataset' AND publication_class IS NULL)) AS unclassified,
        sum(records * open_enough) AS open_enough,
        sum(records * (state = 'on_time')) AS on_time,
        sum(records * (state = 'overdue')) AS overdue,
        sum(records * (state = 'unknown')) AS update_unknown
    FROM alike
    GROUP BY organization
),
measured AS (
    SELECT
        coalesce(o.organization, '') AS organization,
        sum(s.dung) AS dung, count(s.dung) AS dung_of,
        sum(s.du) AS du, count(s.du) AS du_of,
        sum(s.sach) AS sach, count(s.sach) AS sach_of,
        sum(s.song) AS song, count(s.song) AS song_of,
        sum(s.thong_nhat) AS thong_nhat, count(s.thong_nhat) AS thong_nhat_of,
        sum(s.dung_chung) AS dung_chung, count(s.dung_chung) AS dung_chung_of,
        sum(s.total) AS total, count(s.total) AS total_of
    FROM scores s
    JOIN records r ON r.record = s.record
    LEFT JOIN organizations o ON o.organization = r.organization
    GROUP BY coalesce(o.organization, '')
),
mixtures AS (
    SELECT coalesce(o.organization, '') AS organization, r.formats, count(*) AS datasets
    FROM records r LEFT JOIN organizations o ON o.organization = r.organization
    WHERE r.kind = 'dataset' AND r.formats IS NOT NULL
    GROUP BY coalesce(o.organization, ''), r.formats
),
used_formats(organization, format, datasets, rest) AS (
    -- 'CSV XLSX' is one more of CSV and one more of XLSX
    SELECT organization, '', datasets, formats || ' ' FROM mixtures
    UNION ALL
    SELECT organization, substr(rest, 1, instr(rest, ' ') - 1), datasets,
        substr(rest, instr(rest, ' ') + 1)
    FROM used_formats WHERE rest <> ''
),
formats AS (
    SELECT DISTINCT part, organization, group_concat(format || ' ' || datasets, ', ') OVER (
        PARTITION BY part, organization ORDER BY datasets DESC, format
        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
    ) AS formats
    FROM (
        SELECT l.part, l.organization, u.format, sum(u.datasets) AS datasets
        FROM offices l JOIN used_formats u ON l.part = 1 OR u.organization = l.organization
        WHERE u.format <> ''
        GROUP BY l.part, l.organization, u.format
    )
),
refused AS (
    SELECT l.part, l.organization, sum(s.rejected) AS rejected
    FROM offices l JOIN (
        SELECT coalesce(o.organization, '') AS organization, s.rejected
        FROM sources s LEFT JOIN organizations o ON o.organization = s.organization
    ) s ON l.part = 1 OR s.organization = l.organization
    GROUP BY l.part, l.organization
)
SELECT
    l.part, l.title_vi AS organization_vi, l.title_en AS organization_en,
    coalesce(sum(c.datasets), 0) AS datasets,
    coalesce(sum(c.systems), 0) AS systems,
    coalesce(sum(c.dataservices), 0) AS dataservices,
    coalesce(sum(c.public), 0) AS public,
    coalesce(sum(c.conditional), 0) AS conditional,
    coalesce(sum(c.not_public), 0) AS not_public,
    coalesce(sum(c.unclassified), 0) AS unclassified,
    max(f.formats) AS formats,
    coalesce(sum(c.open_enough), 0) AS open_level_3,
    (20000 * sum(c.open_enough) + sum(c.datasets)) / (2 * sum(c.datasets)) AS open_level_3_share,
    coalesce(sum(c.on_time), 0) AS on_time,
    coalesce(sum(c.overdue), 0) AS overdue,
    coalesce(sum(c.update_unknown), 0) AS update_unknown,
    (2 * sum(m.dung) + sum(m.dung_of)) / (2 * sum(m.dung_of)) AS dung,
    (2 * sum(m.du) + sum(m.du_of)) / (2 * sum(m.du_of)) AS du,
    (2 * sum(m.sach) + sum(m.sach_of)) / (2 * sum(m.sach_of)) AS sach,
    (2 * sum(m.song) + sum(m.song_of)) / (2 * sum(m.song_of)) AS song,
    (2 * sum(m.thong_nhat) + sum(m.thong_nhat_of)) / (2 * sum(m.thong_nhat_of)) AS thong_nhat,
    (2 * sum(m.dung_chung) + sum(m.dung_chung_of)) / (2 * sum(m.dung_chung_of)) AS dung_chung,
    (2 * sum(m.total) + sum(m.total_of)) / (2 * sum(m.total_of)) AS score,
    coalesce(max(x.rejected), 0) AS rejected
FROM offices l
LEFT JOIN counted c ON l.part = 1 OR c.organization = l.organization
LEFT JOIN measured m ON m.organization = c.organization
LEFT JOIN formats f ON f.part = l.part AND f.organization = l.organization
LEFT JOIN refused x ON x.part = l.part AND x.organization = l.organization
GROUP BY l.part, l.organization
ORDER BY l.part, l.position, l.organization
