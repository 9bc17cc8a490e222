-- Planted pairs by kind and by the length of the shorter name key: how many there are, how many of them are the same or
-- similar by definition (90 of 100), and how many were found. {folder} has the name keys.
WITH planted AS (
    SELECT c.kind, b.key AS business_key, s.key AS severa_key, j.score,
           b.key = s.key OR token_sort_ratio(b.key, s.key) >= 90 AS findable,
           least(length(b.key), length(s.key)) AS letters
    FROM customers AS c
    JOIN '{folder}/business.parquet' AS b ON b.number = c.business_number
    JOIN '{folder}/severa.parquet' AS s ON s.number = c.severa_number
    LEFT JOIN judged AS j ON j.business = c.business_number AND j.severa = c.severa_number AND j.score >= 90
    WHERE c.kind NOT IN ('linked', 'business only', 'severa only', 'confusable')
)
SELECT kind, CASE WHEN letters <= 12 THEN 'up to 12' WHEN letters <= 20 THEN '13 to 20' ELSE 'over 20' END AS letters,
       count(*) AS pairs, avg(findable::INTEGER), avg((score IS NOT NULL)::INTEGER)
FROM planted
GROUP BY ALL
ORDER BY kind, min(planted.letters)
