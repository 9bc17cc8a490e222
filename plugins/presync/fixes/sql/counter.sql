-- A counter of Severa, and whether all of Visma Business' series that it must be compared with are known.
SELECT c.next, c.ceiling,
       NOT EXISTS (FROM checks.named_series AS n
                   WHERE n.suite = c.suite AND n.system = 'visma_business' AND NOT n.found) AS known,
       (SELECT list(u."first"::HUGEINT) FROM checks.series AS u WHERE u.suite = c.suite AND u.kind = 'unit') AS units
FROM checks.counters AS c WHERE c.suite = $suite
