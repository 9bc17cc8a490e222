-- checks.near: name keys that have a folded form in common, such as those of Østergaard and Oestergaard.
-- Parameter: suite.
INSERT INTO checks.near
WITH names AS (
    SELECT DISTINCT system, name_key FROM checks.base
    WHERE suite = $suite AND name_key IS NOT NULL AND active AND NOT excluded
),
forms AS (
    SELECT DISTINCT system, name_key, unnest([folded_first(name_key), folded_second(name_key)]) AS form FROM names
)
SELECT DISTINCT $suite, b.name_key, s.name_key
FROM forms AS b JOIN forms AS s USING (form)
WHERE b.system = 'visma_business' AND s.system = 'severa' AND b.name_key <> s.name_key
  AND NOT EXISTS (
      FROM checks.near AS n
      WHERE n.suite = $suite AND n.business_name_key = b.name_key AND n.severa_name_key = s.name_key);
