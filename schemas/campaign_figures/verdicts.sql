WITH judged AS (
    SELECT
        organization, record,
        max(question = 'duplicated' AND answer = 'co') AS duplicated,
        max(question = 'upgrade' AND answer = 'co') AS upgrade,
        max(question = 'merge' AND answer = 'co') AS merge,
        max(question = 'retire' AND answer = 'co') AS retire
    FROM campaign_answers
    WHERE record IS NOT NULL
    GROUP BY organization, record
)
SELECT
    u.title_vi AS unit_vi, u.title_en AS unit_en, count(*) AS systems,
    sum(j.duplicated) AS duplicated, sum(j.upgrade) AS upgrade, sum(j.merge) AS merge,
    sum(j.retire) AS retire
FROM campaign_units u
JOIN judged j ON j.organization = u.organization
GROUP BY u.organization
ORDER BY u.position, u.organization
