WITH classes AS (
    SELECT 0 AS part, code, title_vi, title_en, position
    FROM codes WHERE list = 'personal_data_classes'
    UNION ALL SELECT 0, '', '(Chưa phân loại)', '(Not classified)', 1000000
    UNION ALL SELECT 1, '', 'Cộng', 'Total', 1000001
),
stated AS (
    SELECT coalesce(c.code, '') AS code, r.kind, r.private, r.publication_class
    FROM records r
    LEFT JOIN codes c ON c.list = 'personal_data_classes' AND c.code = r.pii_class
)
SELECT
    c.part, c.title_vi AS class_vi, c.title_en AS class_en,
    coalesce(sum(s.kind = 'dataset'), 0) AS datasets,
    coalesce(sum(s.kind = 'system'), 0) AS systems,
    coalesce(sum(s.kind = 'dataservice'), 0) AS dataservices,
    coalesce(sum(s.kind = 'dataset' AND s.private = 0), 0) AS shown,
    coalesce(sum(s.kind = 'dataset' AND s.publication_class = 'cong_khai'), 0) AS public
FROM classes c
LEFT JOIN stated s ON c.part = 1 OR s.code = c.code
GROUP BY c.part, c.code
ORDER BY c.part, c.position, c.code
