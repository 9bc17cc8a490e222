-- Customers as the sample findings name them; `asked` holds the hostile name and how many there are.
CREATE TEMP TABLE samples AS
WITH numbered AS (SELECT unnest(list_distinct(list_append(range((SELECT customers FROM asked)), 900))) AS n)
SELECT 2 * n AS record_id, 'customers' AS suite, 'visma_business' AS system, NULL AS register, NULL AS guid,
       (10000 + n)::VARCHAR AS code, CASE WHEN n = 900 AND (SELECT customers <= 900 FROM asked) THEN (SELECT hostile FROM asked) ELSE 'Fjellheim Elektro ' || n || ' AS' END AS name
FROM numbered
UNION ALL
SELECT 2 * n + 1, 'customers', 'severa', 'customers', printf('00000000-0000-0000-0000-%012d', n),
       CASE WHEN n = 900 THEN '007' ELSE (20000 + n)::VARCHAR END,
       CASE WHEN n = 900 THEN '=HYPERLINK("http://evil.example/")' ELSE 'Fjellheim Elektro ' || n END
FROM numbered;

INSERT INTO checks.records BY NAME
SELECT *, code AS code_key, true AS has_code, name AS name_trimmed, true AS active, false AS excluded,
       false AS answered_none, false AS has_partner
FROM samples;

UPDATE checks.counts SET business = business + (SELECT count(*) // 2 FROM samples),
       severa = severa + (SELECT count(*) // 2 FROM samples) WHERE entity = 'customers';

-- Two departments that nobody linked: one word of the name has a typing error.
INSERT INTO checks.records BY NAME
SELECT * FROM (VALUES
    (1000000, 'departments', 'visma_business', NULL, NULL, '40', 'Kundeservice Trondheim'),
    (1000001, 'departments', 'severa', 'businessunits', '00000000-0000-0000-0000-000001000001', NULL, 'Kundeservise Trondheim')
) AS d(record_id, suite, system, register, guid, code, name),
LATERAL (SELECT code AS code_key, code IS NOT NULL AS has_code, name AS name_trimmed, lower(name) AS name_key, true AS active,
                false AS excluded, false AS answered_none, false AS has_partner);

UPDATE checks.counts SET business = business + 1, severa = severa + 1 WHERE entity = 'departments';
