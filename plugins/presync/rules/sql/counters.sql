-- A counter of Severa: `first` is the number in the way, or the counter itself where it has passed its ceiling.
SELECT rowid AS row,
       CASE WHEN past_ceiling THEN next ELSE lowest_taken END AS first,
       CASE WHEN NOT past_ceiling THEN lowest_taken END AS last, label, next, ceiling
FROM checks.counters WHERE suite = $suite
