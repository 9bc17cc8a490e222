-- checks.near: the name keys of similar pairs. Parameter: suite.
-- One join at a time: together, DuckDB may join the names of both systems with each other first.
CREATE TEMP TABLE near_named AS
WITH pairs AS (
    SELECT DISTINCT business, severa FROM near_hits
    UNION ALL
    -- the same words in another order
    SELECT number, number FROM near_keys GROUP BY number HAVING count(DISTINCT name_key) > 1
)
SELECT name_key AS business_name_key, severa
FROM pairs JOIN near_keys ON number = business AND system = 'visma_business';

INSERT INTO checks.near
SELECT $suite, business_name_key, name_key
FROM near_named JOIN near_keys ON number = severa AND system = 'severa'
WHERE business_name_key <> name_key;
