-- An invoice number, and how many units of Severa issued it.
SELECT rowid AS row, number AS first, number AS last, units
FROM checks.shared_numbers WHERE suite = $suite
