-- identifying(): what tells a customer or project apart besides its name: the business id as it is written, or the
-- project's customer; '' for all others. What a person says of a pair ends when it changes (decisions/model.py).
-- The tables' names here must not be those that a caller gives to its own: DuckDB puts the arguments in as text.

CREATE OR REPLACE TEMP MACRO identifying(of_suite, of_register, of_code, of_guid) AS upper(regexp_replace(coalesce(
    CASE coalesce(of_register, of_suite)
        WHEN 'customers' THEN CASE WHEN of_register IS NULL
            THEN (SELECT max(told_a.business_no) FROM visma_business.associates AS told_a
                  WHERE told_a.customer_no = of_code AND coalesce(told_a.delivery_to, 0) = 0)
            ELSE (SELECT max(told_c.vat_number) FROM severa.customers AS told_c WHERE told_c.guid = of_guid) END
        WHEN 'projects' THEN CASE WHEN of_register IS NULL
            THEN (SELECT max(told_p.customer) FROM visma_business.projects AS told_p WHERE told_p.code = of_code)
            ELSE (SELECT max(told_p.customer_number)::VARCHAR FROM severa.projects AS told_p WHERE told_p.guid = of_guid) END
        WHEN 'salescases' THEN
            (SELECT max(told_s.customer_number)::VARCHAR FROM severa.salescases AS told_s WHERE told_s.guid = of_guid)
    END, ''), '[^0-9A-Za-z]', '', 'g'));
