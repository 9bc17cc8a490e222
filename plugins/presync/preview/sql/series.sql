-- Who hands out which numbers, what they share, and where Severa could count instead. Empty series hand out none.
WITH series AS (
    SELECT suite, system AS kind, label, "first", "last" FROM checks.series WHERE "first" <= coalesce("last", "first")
),
shared AS (
    SELECT suite, 'shared' AS kind, 'Shared' AS label, shared_first AS "first", shared_last AS "last"
    FROM checks.series_pairs WHERE shared_first IS NOT NULL GROUP BY ALL
),
proposals AS (
    SELECT suite, 'proposal', 'Severa''s counter from here on', counter, ceiling FROM checks.proposals
    WHERE suite IN (SELECT suite FROM shared)
)
SELECT * FROM series UNION ALL SELECT * FROM shared UNION ALL SELECT * FROM proposals
ORDER BY suite, kind = 'proposal', kind = 'shared', kind DESC, "first", label;
