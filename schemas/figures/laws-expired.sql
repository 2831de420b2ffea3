WITH expired AS (
    SELECT l.instrument, l.number, l.expired, l.replaced_by
    FROM laws l CROSS JOIN day d
    WHERE l.expired < d.day AND l.grade IN ('A', 'B')
),
bases AS (
    SELECT DISTINCT legal_basis FROM records WHERE legal_basis IS NOT NULL
),
cited AS (
    -- the number stands in the text, and no digit stands before it
    SELECT b.legal_basis, e.instrument, e.expired, e.replaced_by
    FROM bases b JOIN expired e ON ' ' || b.legal_basis GLOB '*[^0-9]' || e.number || '*'
)
SELECT
    o.title_vi AS organization_vi, o.title_en AS organization_en, r.title, r.name,
    c.instrument, c.expired, c.replaced_by
FROM records r
JOIN cited c ON c.legal_basis = r.legal_basis
LEFT JOIN organizations o ON o.organization = r.organization
ORDER BY o.position, r.organization, r.name, r.record, c.instrument
