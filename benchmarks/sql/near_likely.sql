-- What people are told of records without a partner: the same (100), likely counterparts (95), only nearly of one name
-- (90). Runs in the preview's connection.
WITH told AS (
    SELECT business_id, severa_id, CASE relation WHEN 'same' THEN 100.0 ELSE 90.0 END AS score
    FROM checks.pairs
    WHERE suite = 'customers' AND live AND NOT codes_equal
      AND (relation = 'same' OR (relation IN ('alike', 'unlike') AND similarity >= 90))
    UNION ALL
    SELECT business_id, severa_id, 95.0 FROM counterparts
)
SELECT b.code_key::BIGINT AS business, s.code_key::BIGINT AS severa, max(score) AS score
FROM told AS t
JOIN checks.records AS b ON b.record_id = t.business_id
JOIN checks.records AS s ON s.record_id = t.severa_id
WHERE NOT b.has_partner AND NOT s.has_partner
GROUP BY ALL
