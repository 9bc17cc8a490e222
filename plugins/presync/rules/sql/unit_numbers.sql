-- An invoice number of a business unit of Severa, or of the organisation.
SELECT rowid AS row, number AS first, number AS last,
       invoices, coalesce(unit, '') AS unit,
       CASE WHEN unit IS NOT NULL THEN 'business unit ' || unit
            WHEN units_have_series THEN 'no unit' ELSE 'the organisation' END AS unit_name
FROM checks.unit_numbers WHERE suite = $suite
