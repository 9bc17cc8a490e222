-- The first few records of each entity, outcome and cause; links whose fields differ, and others.
WITH chosen AS (
    SELECT o.record_id
    FROM outcomes AS o LEFT JOIN differences AS d USING (record_id)
    WHERE o.outcome <> 'link' OR o.system = 'severa'
    QUALIFY row_number() OVER (PARTITION BY o.suite, o.outcome, o.cause, d.fields ORDER BY o.record_id) <= $most
)
SELECT entity, outcome, system, coalesce(business_code, ''), coalesce(business_name, ''), coalesce(severa_code, ''),
       coalesce(severa_name, ''), coalesce(severa_register, ''), coalesce(differs, ''), coalesce(wins, ''), reason
FROM preview SEMI JOIN chosen USING (record_id)
ORDER BY entity, outcome, cause, record_id;
