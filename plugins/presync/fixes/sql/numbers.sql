-- Numbers in use in an entity, now and once all moves are done: system, number, whether they stay in Severa's way
-- (taken: by a record of Severa, or by one of Visma Business that will have no partner).
-- Parameters: entity; the view `moves` has record_id, key (the new code's key), business_id (the new partner).
WITH records AS (
    SELECT r.record_id, r.system, r.code_key, r.has_partner FROM checks.records AS r
    WHERE r.suite = $entity AND r.has_code
      AND (r.system = 'severa' OR $entity = 'customers' OR regexp_full_match(r.code_key, '[1-9][0-9]{0,37}'))
),
before AS (
    SELECT TRY_CAST(code_key AS HUGEINT) AS number,
           CASE r.system WHEN 'severa' THEN m.record_id IS NULL
                ELSE NOT r.has_partner AND p.business_id IS NULL END AS taken
    FROM records AS r
    LEFT JOIN moves AS m ON r.system = 'severa' AND m.record_id = r.record_id
    LEFT JOIN moves AS p ON r.system = 'visma_business' AND p.business_id = r.record_id
),
united AS (
    SELECT number, taken FROM before
    UNION ALL
    SELECT TRY_CAST(key AS HUGEINT), true FROM moves WHERE key IS NOT NULL
)
SELECT number, bool_or(taken) FROM united WHERE number IS NOT NULL GROUP BY number ORDER BY number
