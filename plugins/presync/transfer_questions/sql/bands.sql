-- How old an entity's records in Visma Business are, of these the ones that would be created in Severa. `age` in whole
-- years: NULL: unknown. A record that was never changed counts with its creation.
WITH ages AS (
    SELECT s.suite, c.record_id IS NOT NULL AS candidate,
           unnest([{'kind': 'changed', 'day': CASE WHEN s.dated THEN coalesce(s.changed, s.created) END},
                   {'kind': 'created', 'day': s.created},
                   {'kind': 'activity', 'day': s.last_activity}], recursive := true)
    FROM signs AS s LEFT JOIN candidates AS c USING (record_id)
)
SELECT suite, kind, CASE WHEN day IS NOT NULL THEN greatest(datesub('year', day, $reference), 0) END AS age, count(*) AS records,
       count(*) FILTER (candidate) AS candidates
FROM ages GROUP BY ALL ORDER BY ALL;
