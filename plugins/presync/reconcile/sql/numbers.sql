-- Number series, the numbers in use, and what the two have to do with each other.
-- Numbers are HUGEINT: Severa's have 64 bits, an invoice number of twenty digits has more; never floats.
-- checks.limits is filled by build.py: suite, ceiling (as the tenant declares it, else NULL).
-- checks.invoice_series_keys is filled by build.py: key (as the tenant names them).

CREATE TEMP MACRO highest() AS 2147483647::HUGEINT;

CREATE TEMP TABLE used AS
WITH customers AS (
    SELECT 'customer_numbering' AS suite, system, TRY_CAST(code_key AS HUGEINT) AS number,
           count(*) AS holders, count(*) FILTER (NOT has_partner) AS holders_without_partner
    FROM checks.records WHERE suite = 'customers' AND has_code GROUP BY ALL
),
projects AS (
    SELECT 'projects', system, TRY_CAST(code_key AS HUGEINT) AS number,
           count(*), count(*) FILTER (NOT has_partner)
    FROM checks.records
    WHERE suite = 'projects' AND has_code AND regexp_full_match(code_key, '[1-9][0-9]{0,37}') GROUP BY ALL
),
business_invoices AS (
    SELECT 'invoice_numbering', 'visma_business', CAST(code_text(number) AS HUGEINT) AS value,
           count(*), count(*)
    FROM visma_business.invoice_numbers
    WHERE regexp_full_match(code_text(number), '[0-9]+') AND NOT regexp_full_match(code_text(number), '0+')
    GROUP BY ALL
),
severa_invoices AS (
    SELECT 'invoice_numbering', 'severa', number::HUGEINT AS value, count(*), count(*)
    FROM severa.invoices WHERE number <> 0 GROUP BY ALL
)
SELECT * FROM customers UNION ALL SELECT * FROM projects
UNION ALL SELECT * FROM business_invoices UNION ALL SELECT * FROM severa_invoices;

-- Severa's invoices by unit. Units have series of their own where numbered invoices name two or more of them.
CREATE TABLE checks.unit_numbers AS
WITH numbered AS (
    SELECT number, code_text(unit_guid) AS unit FROM severa.invoices WHERE number <> 0
),
own AS (SELECT count(DISTINCT nullif(unit, '')) >= 2 AS units_have_series FROM numbered)
SELECT 'invoice_numbering' AS suite, units_have_series,
       CASE WHEN units_have_series THEN nullif(unit, '') END AS unit, number, count(*) AS invoices
FROM numbered, own GROUP BY ALL;

CREATE TABLE checks.shared_numbers AS
SELECT suite, number, units_have_series, count(*) AS units FROM checks.unit_numbers GROUP BY ALL;

-- One row per Severa counter, also if it is missing.
CREATE TABLE checks.counters AS
WITH counter AS (
    SELECT unnest([
        {'suite': 'customer_numbering', 'label': 'nextCustomerNumber', 'next': next_customer_number},
        {'suite': 'invoice_numbering', 'label': 'nextInvoiceNumber', 'next': next_invoice_number},
        {'suite': 'projects', 'label': 'nextProjectNumber', 'next': next_project_number}], recursive := true)
    FROM severa.organizationsettings
),
own_numbers AS (
    SELECT suite, number::HUGEINT AS number FROM used
    WHERE system = 'severa' AND suite <> 'invoice_numbering'
    UNION ALL
    SELECT suite, number::HUGEINT FROM checks.unit_numbers WHERE unit IS NULL
)
SELECT suite, label, next, ceiling, next IS NOT NULL AS known,
       ceiling IS NOT NULL AS ceiling_declared, coalesce(next > ceiling, false) AS past_ceiling,
       (SELECT min(n.number) FROM own_numbers AS n
        WHERE n.suite = c.suite AND n.number >= c.next
          AND n.number <= coalesce(ceiling::HUGEINT, n.number))::BIGINT AS lowest_taken
FROM counter AS c JOIN checks.limits USING (suite);

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
    SELECT suite, 'severa', 'counter', label, next, ceiling FROM checks.counters WHERE known
),
severa_units AS (
    SELECT 'invoice_numbering', 'severa', 'unit', 'invoice series of unit ' || unit, max(number) + 1, max(ceiling)
    FROM checks.unit_numbers JOIN checks.limits USING (suite) WHERE unit IS NOT NULL GROUP BY unit
),
united AS (
    SELECT * FROM business_customers UNION ALL SELECT * FROM business_invoices
    UNION ALL SELECT * FROM severa_counters UNION ALL SELECT * FROM severa_units
)
SELECT row_number() OVER () AS series_id, u.suite, u.system, u.kind, u.label, u."first", u."last",
       CASE u.system WHEN 'visma_business' THEN u."last" < highest() ELSE u."last" IS NOT NULL END AS has_end,
       coalesce(u.kind = 'counter' AND u."first" > u."last", false) AS past_ceiling,
       -- how many numbers it can still hand out; NULL: no end
       CASE WHEN u."last" IS NOT NULL THEN
           greatest(0, u."last" - greatest(u."first", coalesce(highest_used + 1, u."first")) + 1) END::BIGINT AS numbers_left
FROM united AS u
LEFT JOIN (
    -- a customer interval hands out what lies above the highest number used in it
    SELECT i."first", i."last", max(n.number) AS highest_used
    FROM (SELECT DISTINCT "first", "last" FROM business_customers WHERE kind = 'interval') AS i
    JOIN used AS n ON n.suite = 'customer_numbering' AND n.system = 'visma_business'
        AND n.number BETWEEN i."first" AND i."last"
    GROUP BY ALL
) AS high ON u.kind = 'interval' AND u."first" = high."first" AND u."last" = high."last";

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

-- Numbers in use, and whether they lie in a series of the other system.
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

-- What should name a series: found or not.
CREATE TABLE checks.named_series AS
SELECT * FROM (
    SELECT 'customer_numbering' AS suite, 'visma_business' AS system, 'customer number series' AS thing,
           NULL::VARCHAR AS key, known AS found
    FROM checks.customer_series_state
    UNION ALL
    SELECT 'invoice_numbering', 'visma_business', 'voucher series ' || k.key, k.key,
           EXISTS (FROM visma_business.voucher_series AS v WHERE code_text(v.key) = k.key)
    FROM checks.invoice_series_keys AS k
    UNION ALL
    SELECT 'invoice_numbering', 'visma_business', 'invoice series', NULL, false
    WHERE NOT EXISTS (FROM checks.invoice_series_keys)
    UNION ALL
    SELECT suite, 'severa', label, NULL, known FROM checks.counters
);

-- The lowest counter from which at least 10,000 numbers are free of both systems; no row: there is none.
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
roomy AS (
    SELECT suite, counter, free_until FROM gaps WHERE free_until - counter + 1 >= 10000
    QUALIFY row_number() OVER (PARTITION BY suite ORDER BY counter) = 1
)
SELECT suite, counter,
       -- no ceiling is needed where nothing lies above
       CASE WHEN free_until < highest() OR EXISTS (
               SELECT 1 FROM used AS u WHERE u.suite = roomy.suite AND u.number > highest())
            THEN free_until END AS ceiling
FROM roomy WHERE suite <> 'projects';
