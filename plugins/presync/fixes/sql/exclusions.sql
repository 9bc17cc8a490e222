-- Projects of Visma Business whose code Severa cannot hold, where the tenant excludes by a Group field: those that
-- nothing active in Severa is the same as or like, and whose Group field nobody has filled.
SELECT f.finding_id, r.code_trimmed, a.group_field, r.group_value, a.group_value_excluded, shown(coalesce(r.name, ''))
FROM critical AS f
JOIN checks.records AS r ON r.suite = f.suite AND r.system = 'visma_business' AND r.code = f.business_code
JOIN checks.answers AS a ON a.suite = r.suite
WHERE f.suite = 'projects' AND f.rule = 'code_not_transferable' AND f.severa_guid = ''
  AND a.answer = 'except' AND r.code_holders = 1 AND coalesce(r.group_value, 0) = 0
  AND NOT EXISTS (FROM checks.pairs AS p WHERE p.business_id = r.record_id AND p.severa_active
                  AND p.relation IN ('same', 'alike'))
ORDER BY f.position
