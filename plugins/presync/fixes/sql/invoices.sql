-- Invoice numbers in use: number, and whether Severa's own counter must keep clear of them (where units have
-- series, their invoices do not come from it).
SELECT number, bool_or(taken) FROM (
    SELECT number::HUGEINT AS number, unit IS NULL AS taken FROM checks.unit_numbers
    UNION ALL
    SELECT number, true FROM checks.numbers WHERE suite = 'invoice_numbering' AND system = 'visma_business'
) GROUP BY number ORDER BY number
