-- A counter of Severa: `first` is the number in the way, or the counter itself where it has passed its ceiling.
-- `holders_digest` tells that other records, or more of them, are in its way: a waiver was given for those of its day.
WITH counter AS (
    SELECT rowid AS row, *, coalesce(ceiling, 9223372036854775807) AS highest FROM checks.counters WHERE suite = $suite
),
holders AS (
    SELECT concat_ws(chr(31), code_key, guid, name, facts_digest) AS holder
    FROM counter AS c JOIN checks.records AS r
        ON r.suite = CASE c.suite WHEN 'customer_numbering' THEN 'customers' ELSE c.suite END
        AND r.system = 'severa' AND TRY_CAST(r.code_key AS HUGEINT) BETWEEN c.next AND c.highest
    UNION ALL
    SELECT concat_ws(chr(31), number, invoices)
    FROM counter AS c JOIN checks.unit_numbers AS n
        ON n.suite = c.suite AND n.unit IS NULL AND n.number BETWEEN c.next AND c.highest
)
SELECT row, CASE WHEN past_ceiling THEN next ELSE lowest_taken END AS first,
       CASE WHEN NOT past_ceiling THEN lowest_taken END AS last, label, next, ceiling,
       (SELECT md5(string_agg(holder, chr(30) ORDER BY holder)) FROM holders) AS holders_digest
FROM counter
