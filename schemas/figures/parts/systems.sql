systems AS (
    -- each system with its office: connected, exempt by an approval that counts, only claimed to
    -- be exempt, or not connected
    SELECT
        r.record, coalesce(o.organization, '') AS organization, r.lgsp_status,
        CASE
            WHEN r.lgsp_status = 'active' THEN 'connected'
            WHEN e.approved = 1 THEN 'exempt'
            WHEN e.approved = 0 THEN 'claimed'
            ELSE 'open'
        END AS state
    FROM records r
    LEFT JOIN organizations o ON o.organization = r.organization
    LEFT JOIN exemptions e ON e.record = r.record
    WHERE r.kind = 'system'
)
