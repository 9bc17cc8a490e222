-- judged: every found pair of different numbers, and what it is: a planted change, confusable or chance.
CREATE TABLE judged AS
SELECT pairs.business, pairs.severa, max(score) AS score,
       coalesce(any_value(truth.kind), CASE any_value(other.kind) WHEN 'confusable' THEN 'confusable' ELSE 'chance' END) AS kind
FROM pairs
LEFT JOIN customers AS truth ON truth.business_number = pairs.business AND truth.severa_number = pairs.severa
LEFT JOIN customers AS other ON other.severa_number = pairs.severa
WHERE pairs.business <> pairs.severa
GROUP BY ALL;
