-- checks.near: the name keys of similar pairs. Parameter: suite.
INSERT INTO checks.near
WITH pairs AS (
    SELECT DISTINCT business, severa FROM near_hits
    UNION ALL
    -- the same words in another order
    SELECT number, number FROM near_keys GROUP BY number HAVING count(DISTINCT name_key) > 1
)
SELECT $suite, b.name_key, s.name_key
FROM pairs
JOIN near_keys AS b ON b.number = pairs.business AND b.system = 'visma_business'
JOIN near_keys AS s ON s.number = pairs.severa AND s.system = 'severa'
WHERE b.name_key <> s.name_key;
