-- A Group field that marks what must not transfer.
SELECT rowid AS row,
       group_field, group_value_excluded, records, excluded, marked_otherwise
FROM checks.group_fields WHERE suite = $suite
