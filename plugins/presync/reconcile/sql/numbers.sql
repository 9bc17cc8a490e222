-- checks.numbers: numbers in use, and whether they lie in a series of the other system.
-- feeds: number_in_other_series
CREATE TABLE checks.numbers AS
WITH spans AS (
    SELECT suite, system, "first", max(coalesce("last", 170141183460469231731687303715884105727)) AS "last"
    FROM checks.series WHERE "first" <= coalesce("last", "first") GROUP BY ALL
),
-- series of one owner may overlap: the furthest end so far decides, so that one look-up per number is enough
reach AS (
    SELECT suite, system, "first", max("last") OVER (PARTITION BY suite, system ORDER BY "first") AS reaches
    FROM spans
),
-- only numbers between the lowest and the highest of the other system's are worth a look-up
inside AS (
    SELECT u.suite, u.system, u.number, bounds.system AS other FROM used AS u
    JOIN (SELECT suite, system, min("first") AS lowest, max("last") AS highest FROM spans GROUP BY ALL) AS bounds
        ON u.suite = bounds.suite AND u.system <> bounds.system
    WHERE u.number BETWEEN bounds.lowest AND bounds.highest
),
found AS (
    SELECT i.suite, i.system, i.number FROM inside AS i
    ASOF JOIN reach AS r ON i.suite = r.suite AND i.other = r.system AND i.number >= r."first"
    WHERE i.number <= r.reaches
)
SELECT u.*, found.number IS NOT NULL AS in_other_series
FROM used AS u LEFT JOIN found USING (suite, system, number)
WHERE u.number IS NOT NULL;
