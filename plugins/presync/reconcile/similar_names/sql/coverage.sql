-- How many pairs of names blocks brought together; how many whole blocks were too large, and how many pairs of names
-- share one of them: of these only those were compared that other blocks or few deleted letters brought together.
SELECT coalesce(sum(comparisons) FILTER (fits), 0)::BIGINT,
       count(*) FILTER (whole AND NOT fits),
       coalesce(sum(comparisons) FILTER (whole AND NOT fits), 0)::BIGINT
FROM near_sizes;
