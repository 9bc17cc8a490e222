-- An answer to "transfer all of them?".
SELECT rowid AS row
FROM checks.answers WHERE suite = $suite
