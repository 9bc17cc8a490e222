-- What the rules report of pairs with different codes: the same, or nearly the same name.
SELECT b.code_key::BIGINT AS business, s.code_key::BIGINT AS severa,
       CASE relation WHEN 'same' THEN 100.0 ELSE similarity END AS score
FROM checks.pairs AS p
JOIN checks.records AS b ON b.record_id = p.business_id
JOIN checks.records AS s ON s.record_id = p.severa_id
WHERE p.suite = 'customers' AND live AND NOT codes_equal
  AND (relation = 'same' OR (relation IN ('alike', 'unlike') AND similarity >= 90))
