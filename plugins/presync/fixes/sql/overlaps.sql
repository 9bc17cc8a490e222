-- Findings on shared numbers that concern Severa's counter alone, and no unit's series.
SELECT f.finding_id
FROM critical AS f
WHERE f.suite = $suite AND f.rule = 'series_overlap' AND NOT EXISTS (
    FROM checks.series_pairs AS p JOIN checks.series AS s ON s.series_id = p.severa_series
    WHERE p.suite = f.suite AND p.shared_first::VARCHAR = f."first" AND p.shared_last::VARCHAR = f."last"
      AND s.kind <> 'counter')
