-- One record of either system.
SELECT rowid AS row, CASE WHEN own THEN code END AS business_code, CASE WHEN own THEN shown(name) END AS business_name,
       act_no, guid AS severa_guid, register AS severa_register,
       CASE WHEN NOT own THEN code END AS severa_code, CASE WHEN NOT own THEN shown(name) END AS severa_name,
       system, CASE WHEN own THEN 'Visma Business' ELSE 'Severa' END AS system_name,
       coalesce(code_trimmed || ' ', '') || quoted(shown(name_trimmed)) AS record, code_holders, same_in_own_system,
       facts_digest, md5(coalesce(name, '')) AS name_digest  -- tells that a name has changed even where it is masked
FROM (SELECT rowid, *, system = 'visma_business' AS own FROM checks.records WHERE suite = $suite)
