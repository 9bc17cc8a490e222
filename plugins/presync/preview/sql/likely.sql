-- How many pairs of likely counterparts an entity has, and how many of these a finding tells of.
SELECT b.suite AS entity, count(*) AS pairs, count(*) FILTER (c.near_duplicate) AS told
FROM counterparts AS c JOIN checks.records AS b ON b.record_id = c.business_id GROUP BY ALL;
