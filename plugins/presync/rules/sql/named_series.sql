-- Something that should name a series.
SELECT rowid AS row, key AS first, thing, coalesce(state, '') AS state,
       CASE system WHEN 'severa' THEN 'Severa' ELSE 'Visma Business' END AS system_name,
       CASE system WHEN 'severa' THEN 'severa' ELSE 'presync' END AS fix_in_series
FROM checks.named_series WHERE suite = $suite
