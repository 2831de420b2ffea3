judged AS (
    -- each record with the office that it counts for; of a dataset whether it is updated in time
    SELECT
        r.record, r.kind, coalesce(o.organization, '') AS organization, r.publication_class,
        CASE WHEN r.kind = 'dataset' THEN r.open_level END AS open_level,
        CASE
            WHEN r.kind <> 'dataset' THEN NULL
            WHEN c.frequency IS NULL OR r.modified IS NULL OR r.modified NOT GLOB '????-??-??'
                OR date(r.modified) IS NULL OR r.modified > d.day THEN 'unknown'
            WHEN date(r.modified, '+' || (c.days + c.grace) || ' days') < d.day THEN 'overdue'
            ELSE 'on_time'
        END AS state
    FROM records r
    CROSS JOIN day d
    LEFT JOIN cycles c ON c.frequency = r.frequency
    LEFT JOIN organizations o ON o.organization = r.organization
)
