-- Which records look dead: they would be created in Severa (or would be, once the missing answer is given), nothing
-- has happened to them since $cutoff, nothing is open, and nothing in Severa is related to them.

CREATE TEMP TABLE candidates AS
SELECT o.record_id, o.suite
FROM outcomes AS o
JOIN movers AS m USING (record_id)
LEFT JOIN obstacles AS b USING (record_id)
LEFT JOIN met USING (record_id)
WHERE o.system = 'visma_business' AND b.record_id IS NULL AND met.record_id IS NULL
  AND (o.outcome = 'create_in_severa' OR (o.outcome = 'blocked' AND m.undecided));

CREATE TEMP TABLE unrelated AS
SELECT c.record_id, c.suite, s.state FROM candidates AS c JOIN signs AS s USING (record_id)
WHERE NOT EXISTS (FROM checks.pairs AS p WHERE p.business_id = c.record_id);

-- Records that share their row, and so the mark: customers and employees whose Group field is the same.
CREATE TEMP TABLE shared_rows AS
WITH marked AS (
    SELECT r.record_id, r.suite, l.place, coalesce(r.act_no, r.code) AS key, l.group_field
    FROM checks.records AS r JOIN lists AS l USING (suite) WHERE r.system = 'visma_business'
)
SELECT DISTINCT a.record_id FROM marked AS a
JOIN marked AS b ON b.place = a.place AND b.key = a.key AND b.group_field = a.group_field AND b.suite <> a.suite;

-- A customer is needed while one of its projects is alive, or may go to Severa otherwise than as a dead one; and
-- while no list can hold a dead one back, which would reach Severa without it.
CREATE TEMP TABLE their_projects AS
SELECT key_of(p.customer) AS customer_key,
       bool_and(s.state = 'dormant' AND (u.record_id IS NOT NULL OR o.outcome IN ('excluded', 'not_transferred')))
           AS all_over,
       bool_or(u.record_id IS NOT NULL) AS some_dead,
       bool_or(u.record_id IS NOT NULL
               AND (l.suite IS NULL OR coalesce(r.group_value, 0) <> 0 OR x.record_id IS NOT NULL)) AS some_stay
FROM visma_business.projects AS p
JOIN checks.records AS r ON r.suite = 'projects' AND r.system = 'visma_business' AND r.code = p.code
JOIN signs AS s USING (record_id)
JOIN outcomes AS o USING (record_id)
LEFT JOIN unrelated AS u USING (record_id)
LEFT JOIN lists AS l ON l.suite = 'projects'
LEFT JOIN shared_rows AS x USING (record_id)
WHERE key_of(p.customer) IS NOT NULL
GROUP BY ALL;

CREATE TEMP TABLE dead AS
SELECT u.record_id, u.suite, s.created, s.changed, s.last_activity, s.last_sign,
       coalesce(t.some_dead, false) AS has_dead_projects,
       coalesce(r.group_value, 0) <> 0 AS marked_otherwise, x.record_id IS NOT NULL AS shares_row,
       u.suite = 'customers' AND NOT $customers_known AS projects_unknown, coalesce(t.some_stay, false) AS projects_stay
FROM unrelated AS u
JOIN signs AS s USING (record_id)
JOIN checks.records AS r USING (record_id)
LEFT JOIN their_projects AS t ON u.suite = 'customers' AND t.customer_key = r.code_key
LEFT JOIN shared_rows AS x USING (record_id)
WHERE u.state = 'dormant' AND coalesce(t.all_over, true);

-- What is proposed: `lists` names the Group field of each entity that has one.
CREATE TEMP TABLE proposed AS
SELECT d.*, l.place, l.group_field, l.group_value
FROM dead AS d JOIN lists AS l USING (suite)
WHERE NOT (d.marked_otherwise OR d.shares_row OR d.projects_unknown OR d.projects_stay);
