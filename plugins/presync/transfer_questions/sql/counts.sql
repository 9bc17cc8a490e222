-- Per entity: records that would be created in Severa, of these the ones of unknown age, the dead ones, and why
-- some of them are not proposed.
SELECT c.suite, count(*) AS candidates,
       count(*) FILTER (s.state = 'unknown') AS unknown,
       count(d.record_id) FILTER (NOT d.projects_unknown) AS dead,
       count(d.record_id) FILTER (d.projects_unknown) AS projects_unknown,
       count(d.record_id) FILTER (d.marked_otherwise AND NOT d.projects_unknown) AS marked_otherwise,
       count(d.record_id) FILTER (d.shares_row AND NOT d.marked_otherwise AND NOT d.projects_unknown) AS shares_row,
       count(d.record_id) FILTER (d.projects_stay AND NOT d.shares_row AND NOT d.marked_otherwise AND NOT d.projects_unknown)
           AS projects_stay,
       count(p.record_id) AS listed,
       count(p.record_id) FILTER (p.has_dead_projects) AS with_dead_projects
FROM candidates AS c
JOIN signs AS s USING (record_id)
LEFT JOIN dead AS d USING (record_id)
LEFT JOIN proposed AS p USING (record_id)
GROUP BY c.suite;
