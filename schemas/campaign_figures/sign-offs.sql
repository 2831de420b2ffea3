SELECT
    title_vi AS unit_vi, title_en AS unit_en,
    CASE standing
        WHEN 'dung_han' THEN 'Đúng hạn' WHEN 'muon' THEN 'Duyệt muộn'
        WHEN 'con_han' THEN 'Còn hạn' ELSE 'Quá hạn'
    END AS standing_vi,
    CASE standing
        WHEN 'dung_han' THEN 'In time' WHEN 'muon' THEN 'Signed late'
        WHEN 'con_han' THEN 'Not due yet' ELSE 'Overdue'
    END AS standing_en,
    submitted, signed, days_late
FROM campaign_units
ORDER BY position, organization
