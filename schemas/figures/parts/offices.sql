offices AS (
    -- the lines of a report: each active office and each that still has records, then the rest
    -- that nobody is known to own, then all together
    SELECT 0 AS part, o.organization, o.title_vi, o.title_en, o.position
    FROM organizations o
    WHERE o.active = 1 OR o.organization IN (SELECT organization FROM records)
    UNION ALL
    SELECT 0, '', '(Chưa rõ cơ quan)', '(No known organisation)', 1000000
    WHERE EXISTS (
        SELECT 1 FROM records r LEFT JOIN organizations o ON o.organization = r.organization
        WHERE o.organization IS NULL
    )
    UNION ALL
    SELECT 1, '', 'Cộng', 'Total', 1000001
)
