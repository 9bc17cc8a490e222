-- How many comparisons it takes to compare every name of one entity with every one of similar length.
-- Parameters: suite; ratio: the least that the shorter of two similar names measures of the longer.
WITH lengths AS (
    SELECT system, length(name_key) AS length, count(DISTINCT name_key) AS names
    FROM checks.base
    WHERE suite = $suite AND name_key IS NOT NULL AND active AND NOT excluded
    GROUP BY ALL
)
SELECT coalesce(sum(b.names * s.names), 0)::BIGINT
FROM lengths AS b
JOIN lengths AS s ON s.length BETWEEN b.length * $ratio AND b.length / $ratio
WHERE b.system = 'visma_business' AND s.system = 'severa'
