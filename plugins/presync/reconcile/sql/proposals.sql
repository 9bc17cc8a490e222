-- checks.proposals: what a counter of Severa could be set to, so that it clashes with nothing.
-- feeds: series_overlap
-- The lowest counter from the present one up, or else the lowest at all, from which at least 10,000 numbers are free
-- of both systems; no row: there is none.
-- Severa's numbers must also be possible in Visma Business, so they end at 2147483647.
CREATE TABLE checks.proposals AS
WITH taken AS (
    SELECT suite, greatest("first", 1) AS "first", least("last", highest()) AS "last"
    FROM checks.series WHERE system = 'visma_business' AND "first" <= "last" AND "last" >= 1
    UNION ALL
    -- by ten thousands: between two numbers of one of them, 10,000 free ones have no room
    SELECT suite, min(number), max(number) FROM used WHERE number BETWEEN 1 AND highest()
    GROUP BY suite, number // 10000
    UNION ALL
    SELECT suite, highest() + 1, highest() + 1 FROM checks.limits
),
gaps AS (
    SELECT suite, coalesce(max("last") OVER (
               PARTITION BY suite ORDER BY "first", "last" ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) + 1 AS counter,
           "first" - 1 AS free_until
    FROM taken
),
-- from the present counter up; only if no room is left there, from the lowest number up
starts AS (
    SELECT g.suite, greatest(g.counter, c.next) AS counter, free_until, 1 AS choice
    FROM gaps AS g JOIN checks.counters AS c USING (suite) WHERE c.next IS NOT NULL
    UNION ALL
    SELECT suite, counter, free_until, 2 FROM gaps
),
roomy AS (
    SELECT suite, counter, free_until FROM starts WHERE free_until - counter + 1 >= 10000
    QUALIFY row_number() OVER (PARTITION BY suite ORDER BY choice, counter) = 1
)
SELECT suite, counter,
       -- no ceiling is needed where nothing lies above; invoice numbers never go beyond the highest anyway
       CASE WHEN free_until < highest() OR suite <> 'invoice_numbering' AND EXISTS (
               SELECT 1 FROM used AS u WHERE u.suite = roomy.suite AND u.number > highest())
            THEN free_until END AS ceiling
FROM roomy WHERE suite <> 'projects';
