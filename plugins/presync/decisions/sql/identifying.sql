-- identifying(): what tells a customer or project apart besides its name: the business id as it is written, or the
-- project's customer; '' for all others. What a person says of a pair ends when it changes (decisions/model.py).

CREATE OR REPLACE TEMP MACRO identifying(of_suite, of_register, of_code, of_guid) AS upper(regexp_replace(coalesce(
    CASE coalesce(of_register, of_suite)
        WHEN 'customers' THEN CASE WHEN of_register IS NULL
            THEN (SELECT max(a.business_no) FROM visma_business.associates AS a
                  WHERE a.customer_no = of_code AND coalesce(a.delivery_to, 0) = 0)
            ELSE (SELECT max(c.vat_number) FROM severa.customers AS c WHERE c.guid = of_guid) END
        WHEN 'projects' THEN CASE WHEN of_register IS NULL
            THEN (SELECT max(p.customer) FROM visma_business.projects AS p WHERE p.code = of_code)
            ELSE (SELECT max(p.customer_number)::VARCHAR FROM severa.projects AS p WHERE p.guid = of_guid) END
        WHEN 'salescases' THEN
            (SELECT max(s.customer_number)::VARCHAR FROM severa.salescases AS s WHERE s.guid = of_guid)
    END, ''), '[^0-9A-Za-z]', '', 'g'));
