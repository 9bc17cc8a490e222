-- Where numbers in use are read from.
SELECT rowid AS row, thing
FROM checks.number_sources WHERE suite = $suite
