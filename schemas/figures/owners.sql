WITH cases AS (
    SELECT r.record,
        CASE
            WHEN o.organization IS NULL THEN 1
            WHEN o.active = 0 THEN 2
            WHEN r.former_organization IS NOT NULL THEN 3
        END AS reason,
        o.successor
    FROM records r LEFT JOIN organizations o ON o.organization = r.organization
),
reasons(reason, title_vi, title_en) AS (
    VALUES
        (1, 'Không có cơ quan chủ quản', 'Nobody owns it'),
        (2, 'Cơ quan đã chấm dứt, chưa bàn giao', 'The office is abolished, not handed over'),
        (3, 'Cơ quan kế thừa đã nhận', 'Taken over by the successor')
),
kinds(kind, title_vi, title_en) AS (
    VALUES
        ('dataset', 'Bộ dữ liệu', 'Dataset'),
        ('system', 'Hệ thống', 'System'),
        ('dataservice', 'Dịch vụ dữ liệu', 'Data service')
)
SELECT
    w.title_vi AS reason_vi, w.title_en AS reason_en, r.title, r.name,
    k.title_vi AS kind_vi, k.title_en AS kind_en,
    coalesce(o.title_vi, r.organization) AS organization_vi, o.title_en AS organization_en,
    r.former_organization AS former,
    coalesce(n.title_vi, c.successor) AS successor_vi, n.title_en AS successor_en
FROM cases c
JOIN reasons w ON w.reason = c.reason
JOIN records r ON r.record = c.record
JOIN kinds k ON k.kind = r.kind
LEFT JOIN organizations o ON o.organization = r.organization
LEFT JOIN organizations n ON n.organization = c.successor
ORDER BY c.reason, o.position, r.organization, r.name, r.record
