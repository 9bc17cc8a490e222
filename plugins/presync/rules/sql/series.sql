-- A number series.
SELECT rowid AS row, "first", "last", system,
       CASE system WHEN 'severa' THEN 'Severa' ELSE 'Visma Business' END AS system_name, label, numbers_left
FROM checks.series WHERE suite = $suite
