-- How many customers each system has, and whether any two have anything to do with each other.
SELECT rowid AS row, business, severa, related
FROM checks.systems WHERE suite = $suite
