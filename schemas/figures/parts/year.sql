year AS (
    -- this month and the eleven before it
    SELECT substr(date(day, 'start of month', '-11 months'), 1, 7) AS first,
        substr(day, 1, 7) AS last
    FROM day
)
