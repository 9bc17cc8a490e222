-- How many records of each entity and system have which outcome, and why.
SELECT suite AS entity, system, outcome, cause, count(*) AS records
FROM outcomes GROUP BY ALL ORDER BY entity, system, outcome, records DESC, cause;
