-- Outcomes before and after all lists are applied, with the answers they need. Whoever was undecided moves then.
WITH fates AS (
    SELECT o.suite, o.outcome,
           CASE WHEN p.record_id IS NOT NULL THEN 'excluded'
                WHEN l.suite IS NULL OR o.outcome <> 'blocked' OR b.record_id IS NOT NULL THEN o.outcome
                WHEN met.record_id IS NOT NULL THEN 'link'
                ELSE 'create_in_severa' END AS later
    FROM outcomes AS o
    LEFT JOIN proposed AS p USING (record_id)
    LEFT JOIN obstacles AS b USING (record_id)
    LEFT JOIN met USING (record_id)
    LEFT JOIN lists AS l ON l.suite = o.suite AND l.suite IN (SELECT suite FROM proposed)
)
SELECT suite, outcome, later, count(*) AS records FROM fates GROUP BY ALL ORDER BY ALL;
