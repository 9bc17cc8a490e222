-- A number that one system uses. `holders_digest` tells that other records have a number of the other system's series:
-- a waiver was given for those that had it then.
WITH holders AS (
    SELECT n.system, n.number, md5(string_agg(holder, chr(30) ORDER BY holder)) AS holders_digest
    -- of the rows that are asked for alone: those of all numbers would be put into words and sorted
    FROM (FROM checks.numbers AS n JOIN violating ON violating.row = n.rowid WHERE suite = $suite AND in_other_series) AS n
    JOIN (
        SELECT system, TRY_CAST(code_key AS HUGEINT) AS number,
               concat_ws(chr(31), coalesce(guid, ''), coalesce(act_no, ''), name, facts_digest) AS holder
        FROM checks.records
        WHERE suite = CASE $suite WHEN 'customer_numbering' THEN 'customers' ELSE $suite END
    ) AS r USING (system, number)
    GROUP BY ALL
)
SELECT n.rowid AS row, n.number AS first, n.number AS last, n.system,
       CASE n.system WHEN 'severa' THEN 'Severa' ELSE 'Visma Business' END AS system_name,
       CASE n.system WHEN 'severa' THEN 'Visma Business' ELSE 'Severa' END AS other_system_name,
       holders_digest
FROM checks.numbers AS n LEFT JOIN holders USING (system, number)
WHERE n.suite = $suite
