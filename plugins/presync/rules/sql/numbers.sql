-- A number that one system uses.
SELECT rowid AS row, number AS first, number AS last, system,
       CASE system WHEN 'severa' THEN 'Severa' ELSE 'Visma Business' END AS system_name,
       CASE system WHEN 'severa' THEN 'Visma Business' ELSE 'Severa' END AS other_system_name
FROM checks.numbers WHERE suite = $suite
