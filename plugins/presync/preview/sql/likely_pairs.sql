-- The most alike pairs of each entity; those first that no finding tells of.
WITH chosen AS (
    SELECT c.*, b.suite FROM counterparts AS c JOIN checks.records AS b ON b.record_id = c.business_id
    QUALIFY row_number() OVER (PARTITION BY b.suite ORDER BY c.near_duplicate, c.likeness DESC, c.business_id) <= $most
)
SELECT c.suite AS entity, coalesce(b.code, ''), coalesce(shown(b.name), ''), coalesce(s.code, ''),
       coalesce(shown(s.name), ''), coalesce(s.register, ''), c.likeness, c.near_duplicate
FROM chosen AS c
JOIN checks.records AS b ON b.record_id = c.business_id
JOIN checks.records AS s ON s.record_id = c.severa_id
ORDER BY entity, c.near_duplicate, c.likeness DESC, c.business_id;
