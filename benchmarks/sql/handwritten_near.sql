-- Nearly equal names: the first six and the last six letters as blocks, compared by DuckDB's Jaro-Winkler.
-- Another measure than the product's, so what it finds is counted apart.

INSERT INTO findings
WITH blocks AS (
    SELECT DISTINCT suite, name_key, unnest([left(name_key, 6), right(name_key, 6)]) AS block, true AS own FROM b WHERE NOT excluded
    UNION ALL
    SELECT DISTINCT suite, name_key, unnest([left(name_key, 6), right(name_key, 6)]), false FROM s WHERE active
),
small AS (
    SELECT suite, block FROM blocks GROUP BY ALL
    HAVING count(*) FILTER (own) * count(*) FILTER (NOT own) BETWEEN 1 AND 2000
),
near AS (
    SELECT DISTINCT l.suite, l.name_key AS business_key, r.name_key AS severa_key
    FROM (FROM blocks SEMI JOIN small USING (suite, block) WHERE own) AS l
    JOIN (FROM blocks SEMI JOIN small USING (suite, block) WHERE NOT own) AS r USING (suite, block)
    WHERE l.name_key <> r.name_key AND jaro_winkler_similarity(l.name_key, r.name_key) >= 0.95
)
SELECT b.suite, 'near_duplicate', b.id, s.id, NULL
FROM near JOIN b ON b.suite = near.suite AND b.name_key = business_key
JOIN s ON s.suite = near.suite AND s.name_key = severa_key
WHERE NOT b.excluded AND s.active AND b.code_key IS DISTINCT FROM s.code_key
  AND NOT coalesce(b.body IS NOT NULL AND s.body IS NOT NULL, false) AND NOT coalesce(b.customer <> s.customer, false)
  AND NOT coalesce(b.email = s.email, false);
