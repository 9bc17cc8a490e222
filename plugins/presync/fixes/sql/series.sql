-- Visma Business' series that hand out anything.
SELECT "first"::HUGEINT, "last"::HUGEINT FROM checks.series
WHERE suite = $suite AND system = 'visma_business' AND "first" <= "last" ORDER BY ALL
