-- The proposed exclusions of one entity, the oldest first.
SELECT coalesce(r.act_no, r.code_trimmed) AS key, p.group_field, r.group_value AS current, p.group_value, r.code_trimmed,
       shown(coalesce(r.name_trimmed, '')) AS name, p.changed, p.created, p.last_activity,
       CASE WHEN p.changed IS NOT NULL THEN 'Last changed ' || p.changed ELSE 'Never changed, created ' || p.created END
       || CASE WHEN p.last_activity IS NOT NULL THEN ', last used ' || p.last_activity ELSE '' END
       || CASE WHEN p.has_dead_projects THEN '; its projects look dead too' ELSE '' END
       || '; nothing in Severa is related to it.' AS reason
FROM proposed AS p JOIN checks.records AS r USING (record_id)
WHERE p.suite = $suite
ORDER BY p.last_sign, p.record_id;
