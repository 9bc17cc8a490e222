-- base: every record of both systems that a rule may be about, with its keys and flags.
-- One row per record; `suite` is the entity. NULL keys mean: no code, no name, no id, no address.

CREATE TEMP TABLE keyed_records AS
WITH business AS (
    SELECT 'departments' AS suite, NULL::VARCHAR AS act_no, code, name, group_value,
           NULL::VARCHAR AS id, NULL::VARCHAR AS email, NULL::VARCHAR AS customer
    FROM visma_business.departments
    UNION ALL
    SELECT 'products', NULL, code, name, group_value, NULL, NULL, NULL FROM visma_business.products
    UNION ALL
    SELECT 'employees', act_no, employee_no, name, employee_group_value, NULL, email, NULL
    FROM visma_business.associates WHERE employee_no NOT IN ('', '0')
    UNION ALL
    SELECT 'customers', act_no, customer_no, name, customer_group_value, business_no, NULL, NULL
    FROM visma_business.associates
    WHERE customer_no NOT IN ('', '0') AND coalesce(delivery_to, 0) = 0
    UNION ALL
    SELECT 'projects', NULL, code, name, group_value, NULL, NULL, customer FROM visma_business.projects
),
severa AS (
    SELECT 'departments' AS suite, 'businessunits' AS register, guid, code, name,
           coalesce(is_active, true) AS active, NULL::VARCHAR AS id, NULL::VARCHAR AS email,
           NULL::VARCHAR AS customer
    FROM severa.businessunits
    UNION ALL
    SELECT 'products', 'products', guid, code, name, coalesce(is_active, true), NULL, NULL, NULL
    FROM severa.products
    UNION ALL
    SELECT 'products', 'worktypes', guid, code, name, coalesce(is_active, true), NULL, NULL, NULL
    FROM severa.worktypes
    UNION ALL
    SELECT 'products', 'travelexpensetypes', guid, code, name, coalesce(is_active, true), NULL, NULL, NULL
    FROM severa.travelexpensetypes
    UNION ALL
    SELECT 'employees', 'users', guid, code, code_text(coalesce(first_name, '') || ' ' || coalesce(last_name, '')),
           coalesce(is_active, true), NULL, email, NULL
    FROM severa.users
    UNION ALL
    SELECT 'customers', 'customers', guid, number::VARCHAR, name, coalesce(is_active, true), vat_number,
           NULL, NULL
    FROM severa.customers
    UNION ALL
    SELECT 'projects', 'projects', guid, number::VARCHAR, name, NOT coalesce(is_closed, false), NULL, NULL,
           customer_number::VARCHAR
    FROM severa.projects
    UNION ALL
    -- a won sale may be in both registers: the project counts
    SELECT 'projects', 'salescases', guid, number::VARCHAR, name, NOT coalesce(is_closed, false), NULL, NULL,
           customer_number::VARCHAR
    FROM severa.salescases WHERE guid NOT IN (SELECT guid FROM severa.projects)
),
united AS (
    SELECT suite, 'visma_business' AS system, NULL::VARCHAR AS register, NULL::VARCHAR AS guid, act_no, code, name,
           true AS active, coalesce(group_value = d.group_value_excluded, false) AS excluded, group_value,
           id, email, customer
    FROM business JOIN checks.answers AS d USING (suite)
    UNION ALL
    SELECT suite, 'severa', register, guid, NULL, code, name, active, false, NULL, id, email, customer
    FROM severa
),
-- Each key in a step of its own: DuckDB computes a macro anew wherever it stands inside another expression.
looked_at AS (SELECT *, regexp_full_match(code, '[1-9][0-9]*') AS is_number, is_words(name) AS is_words FROM united),
coded AS (
    SELECT *, CASE WHEN is_number THEN code ELSE code_text(code) END AS code_trimmed,
           CASE WHEN is_number THEN code ELSE code_key(code) END AS code_key
    FROM looked_at
),
ids AS (
    SELECT id, id_parts(business_id_text(id)) AS business_id FROM (SELECT DISTINCT id FROM coded WHERE id <> '')
),
keys_of_texts AS (
    SELECT c.*, CASE WHEN is_words THEN lower(name) ELSE name_key(name) END AS whole_name_key, business_id, address_list(email) AS addresses,
           code_key(customer) AS customer_key
    FROM coded AS c LEFT JOIN ids USING (id) WHERE system = 'severa' OR code_key IS NOT NULL
),
keyed AS (
    SELECT *, CASE suite WHEN 'customers' THEN without_legal_form(whole_name_key) ELSE whole_name_key END AS name_key
    FROM keys_of_texts
)
-- feeds: email_missing (has_email)
SELECT suite, system, register, guid, act_no, code, name, active, excluded,
       group_value, len(addresses) > 0 AS has_email,
       code_key, CASE WHEN code_key IS NOT NULL THEN code_trimmed END AS code_trimmed, name_key,
       CASE WHEN is_words THEN name ELSE code_text(coalesce(name, '')) END AS name_trimmed,
       business_id.id AS id_body, business_id.country AS id_country, false AS id_shared,
       -- a text with two different addresses does not say which one is the person's
       CASE WHEN len(addresses) = 1 THEN addresses[1] END AS email_key, customer_key
FROM keyed;

-- Numbered by where they stand: a window would pass all of them through one thread. Row ids of a table that is not
-- committed yet begin anywhere.
SET VARIABLE first_row = (SELECT min(rowid) FROM keyed_records);
CREATE TEMP VIEW base AS SELECT rowid - getvariable('first_row') + 1 AS record_id, * FROM keyed_records;
