-- A business and a Severa series that share numbers, with the range that Severa could use instead.
SELECT p.rowid AS row,
       p.shared_first AS first, p.shared_last AS last, p.business_label, p.severa_label,
       CASE WHEN o.counter IS NULL THEN
                'No range of 10,000 numbers is free of both systems: shorten the series in Visma Business first.'
            ELSE 'Proposal: in Severa''s settings, set the counter to ' || o.counter
                || CASE WHEN o.ceiling IS NULL THEN '; no ceiling is needed.'
                        ELSE ', and declare the ceiling ' || o.ceiling || ' in the tenant file.' END
       END AS proposal
FROM checks.series_pairs AS p LEFT JOIN checks.proposals AS o USING (suite)
WHERE p.suite = $suite
