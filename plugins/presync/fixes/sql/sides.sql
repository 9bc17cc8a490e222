-- Which system uses the number of a finding of number_in_other_series: findings of one number are in the order
-- of their rows.
WITH found AS (
    SELECT finding_id, suite, "first",
           row_number() OVER (PARTITION BY suite, "first" ORDER BY position) AS place,
           count(*) OVER (PARTITION BY suite, "first") AS times
    FROM critical WHERE suite = $suite AND rule = 'number_in_other_series'
),
numbers AS (
    SELECT system, number::VARCHAR AS number, row_number() OVER (PARTITION BY number ORDER BY rowid) AS place,
           count(*) OVER (PARTITION BY number) AS times
    FROM checks.numbers
    WHERE suite = $suite AND in_other_series AND (suite = 'invoice_numbering' OR holders_without_partner > 0)
)
SELECT f.finding_id, n.system, n.number
FROM found AS f JOIN numbers AS n ON f."first" = n.number AND f.place = n.place AND f.times = n.times
ORDER BY f.finding_id
