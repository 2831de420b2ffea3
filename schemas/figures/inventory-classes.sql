WITH lists(position, list, title_vi, title_en) AS (
    VALUES
        (1, 'publication_classes', 'Phân loại công khai', 'Publication class'),
        (2, 'sharing_levels', 'Mức chia sẻ', 'Sharing level'),
        (3, 'data_layers', 'Lớp dữ liệu', 'Data layer'),
        (4, 'importance_classes', 'Tầm quan trọng', 'Importance')
),
classes AS (
    SELECT l.position AS list_position, l.list, l.title_vi AS list_vi, l.title_en AS list_en,
        c.code, c.title_vi, c.title_en, c.position
    FROM lists l JOIN codes c ON c.list = l.list
    UNION ALL
    SELECT position, list, title_vi, title_en, '', '(Chưa phân loại)', '(Not classified)', 1000000
    FROM lists
),
stated AS (
    SELECT 'publication_classes' AS list, publication_class AS code, record, kind FROM records
    UNION ALL SELECT 'sharing_levels', sharing_level, record, kind FROM records
    UNION ALL SELECT 'data_layers', data_layer, record, kind FROM records
    UNION ALL SELECT 'importance_classes', importance_class, record, kind FROM records
),
datasets AS (
    SELECT s.list, coalesce(c.code, '') AS code, s.record
    FROM stated s LEFT JOIN codes c ON c.list = s.list AND c.code = s.code
    WHERE s.kind = 'dataset'
)
SELECT
    c.list_vi AS list_vi, c.list_en AS list_en, c.title_vi AS class_vi, c.title_en AS class_en,
    count(d.record) AS datasets,
    (20000 * count(d.record) + n.datasets) / (2 * n.datasets) AS share,
    (2 * sum(s.total) + count(s.total)) / (2 * count(s.total)) AS score
FROM classes c
CROSS JOIN (SELECT count(*) AS datasets FROM records WHERE kind = 'dataset') n
LEFT JOIN datasets d ON d.list = c.list AND d.code = c.code
LEFT JOIN scores s ON s.record = d.record
GROUP BY c.list, c.code
ORDER BY c.list_position, c.position, c.code
