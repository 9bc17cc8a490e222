-- used: the numbers in use, per system; checks.unit_numbers and checks.shared_numbers: Severa's invoices by unit.
-- Numbers are HUGEINT: Severa's have 64 bits, an invoice number of twenty digits has more; never floats.

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
written AS (
    SELECT CASE WHEN regexp_full_match(number, '[1-9][0-9]*') THEN number
                WHEN regexp_full_match(code_text(number), '0*[1-9][0-9]*') THEN code_text(number) END AS digits
    FROM visma_business.invoice_numbers
),
business_invoices AS (
    SELECT 'invoice_numbering', 'visma_business', TRY_CAST(digits AS HUGEINT) AS value,
           count(*), count(*)  -- a number of more than 38 digits is beyond every series
    FROM written WHERE digits IS NOT NULL GROUP BY ALL
),
severa_invoices AS (
    SELECT 'invoice_numbering', 'severa', number::HUGEINT AS value, count(*), count(*)
    FROM severa.invoices WHERE number <> 0 GROUP BY ALL
)
SELECT * FROM customers UNION ALL SELECT * FROM projects
UNION ALL SELECT * FROM business_invoices UNION ALL SELECT * FROM severa_invoices;

-- feeds: number_duplicate
-- Severa's invoices by unit. Units have series of their own where numbered invoices name two or more of them.
CREATE TABLE checks.unit_numbers AS
WITH numbered AS (
    SELECT number, code_text(unit_guid) AS unit FROM severa.invoices WHERE number <> 0
),
own AS (SELECT count(DISTINCT nullif(unit, '')) >= 2 AS units_have_series FROM numbered)
SELECT 'invoice_numbering' AS suite, units_have_series,
       CASE WHEN units_have_series THEN nullif(unit, '') END AS unit, number, count(*) AS invoices
FROM numbered, own GROUP BY ALL;

-- feeds: number_shared_by_units
CREATE TABLE checks.shared_numbers AS
SELECT suite, number, units_have_series, count(*) AS units FROM checks.unit_numbers GROUP BY ALL;
