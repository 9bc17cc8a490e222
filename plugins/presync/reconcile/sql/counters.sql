-- checks.counters: one row per Severa counter, also if it is missing.
-- checks.limits is filled by build.py: suite, ceiling (as the tenant declares it, else NULL).
-- feeds: next_number_taken (lowest_taken), counter_past_ceiling (past_ceiling)
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
          AND n.number <= coalesce(ceiling::HUGEINT, n.number)
          -- an invoice number is never beyond 2147483647
          AND (c.suite <> 'invoice_numbering' OR n.number <= 2147483647))::BIGINT AS lowest_taken
FROM counter AS c JOIN checks.limits USING (suite);
