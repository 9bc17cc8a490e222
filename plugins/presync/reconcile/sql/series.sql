-- checks.series: the intervals of numbers that an owner hands out; checks.series_pairs: which of them share numbers.
-- checks.invoice_series_keys is filled by build.py: key (as the tenant names them).

CREATE TEMP MACRO highest() AS 2147483647::HUGEINT;

-- feeds: series_nearly_full, series_overlap, number_in_other_series
CREATE TABLE checks.series AS
WITH customer_intervals AS (
    SELECT "first"::HUGEINT AS "first",
           CASE WHEN coalesce("last", 0) = 0 THEN highest() ELSE "last" END AS "last"
    FROM visma_business.customer_series WHERE account_class = 1
),
business_customers AS (
    SELECT 'customer_numbering' AS suite, 'visma_business' AS system, 'interval' AS kind,
           'customer number series' AS label, coalesce("first", 0) AS "first", "last"
    FROM customer_intervals
    UNION ALL
    -- without a series the next number is the highest + 1; a series that could not be read is no series
    SELECT 'customer_numbering', 'visma_business', 'derived', 'next customer number',
           coalesce((SELECT max(number) FROM used
                     WHERE suite = 'customer_numbering' AND system = 'visma_business'), 0) + 1,
           highest()
    FROM checks.customer_series_state AS state
    WHERE state.known AND NOT EXISTS (FROM customer_intervals)
),
business_invoices AS (
    SELECT 'invoice_numbering', 'visma_business', 'voucher',
           'voucher series ' || code_text(v.key) || coalesce(' ' || v.name, ''),
           greatest(coalesce(v."first", 0), coalesce(v."next", 0)),
           CASE WHEN v."last" > 0 THEN v."last" ELSE highest() END
    FROM visma_business.voucher_series AS v
    JOIN checks.invoice_series_keys AS k ON code_text(v.key) = k.key
),
severa_counters AS (
    -- an invoice number beyond 32 bits is possible in neither system
    SELECT suite, 'severa', 'counter', label, next,
           CASE suite WHEN 'invoice_numbering' THEN least(coalesce(ceiling, highest()), highest()) ELSE ceiling END
    FROM checks.counters WHERE known
),
severa_units AS (
    SELECT 'invoice_numbering', 'severa', 'unit', 'invoice series of unit ' || unit, max(number) + 1,
           least(coalesce(max(ceiling), highest()), highest())
    FROM checks.unit_numbers JOIN checks.limits USING (suite) WHERE unit IS NOT NULL GROUP BY unit
),
united AS (
    SELECT * FROM business_customers UNION ALL SELECT * FROM business_invoices
    UNION ALL SELECT * FROM severa_counters UNION ALL SELECT * FROM severa_units
)
SELECT row_number() OVER () AS series_id, u.suite, u.system, u.kind, u.label, u."first", u."last",
       CASE u.system WHEN 'visma_business' THEN u."last" < highest() ELSE l.ceiling IS NOT NULL END AS has_end,
       -- it has handed out its last number: nobody knows which comes next
       u.kind = 'voucher' AND u."last" < highest() AND u."first" > u."last" AS used_up,
       coalesce(u.kind = 'counter' AND u."first" > l.ceiling, false) AS past_ceiling,
       -- how many numbers it can still hand out; NULL: no end
       CASE WHEN u."last" IS NOT NULL THEN
           greatest(0, u."last" - greatest(u."first", coalesce(highest_used + 1, u."first")) + 1) END::BIGINT AS numbers_left
FROM united AS u
LEFT JOIN checks.limits AS l USING (suite)
LEFT JOIN (
    -- a customer interval hands out what lies above the highest number used in it
    SELECT i."first", i."last", max(n.number) AS highest_used
    FROM (SELECT DISTINCT "first", "last" FROM business_customers WHERE kind = 'interval') AS i
    JOIN used AS n ON n.suite = 'customer_numbering' AND n.system = 'visma_business'
        AND n.number BETWEEN i."first" AND i."last"
    GROUP BY ALL
) AS high ON u.kind = 'interval' AND u."first" = high."first" AND u."last" = high."last";

-- feeds: series_overlap
-- Each series of one system against each of the other with which it shares numbers; NULLs: with none.
CREATE TABLE checks.series_pairs AS
SELECT b.suite, b.series_id AS business_series, s.series_id AS severa_series,
       b.label AS business_label, s.label AS severa_label,
       -- greatest() and least() skip NULLs
       CASE WHEN s.series_id IS NOT NULL THEN greatest(b."first", s."first") END AS shared_first,
       CASE WHEN s.series_id IS NOT NULL THEN least(b."last", coalesce(s."last", b."last")) END AS shared_last
FROM (SELECT * FROM checks.series WHERE system = 'visma_business') AS b
LEFT JOIN (SELECT * FROM checks.series WHERE system = 'severa' AND "first" <= coalesce("last", "first")) AS s
    ON b.suite = s.suite AND b."first" <= b."last"
   AND b."first" <= coalesce(s."last", b."first") AND s."first" <= b."last";
