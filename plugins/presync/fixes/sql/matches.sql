-- Critical findings on a pair, with both of its records. A code that several rows of Visma Business have names
-- no single one of them: alone is false then.
SELECT f.finding_id, s.record_id AS severa_id, b.record_id AS business_id, b.code_trimmed AS code,
       b.code_key AS key, b.code_holders = 1 AS alone, p.ids, p.names_equal, p.names_alike, p.relation
FROM critical AS f
JOIN checks.records AS s ON s.suite = f.suite AND s.system = 'severa'
    AND s.guid = f.severa_guid AND s.register = f.severa_register
JOIN checks.records AS b ON b.suite = f.suite AND b.system = 'visma_business' AND b.code = f.business_code
JOIN checks.pairs AS p ON p.business_id = b.record_id AND p.severa_id = s.record_id
WHERE f.suite = $suite AND f.business_code <> '' AND f.severa_guid <> ''
ORDER BY f.position, b.record_id
