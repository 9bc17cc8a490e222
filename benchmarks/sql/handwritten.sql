-- The rules as one would write them by hand for one company, straight from the staged files: no wording, no check
-- tables to keep, no states in between. Result: `findings`, a row for each finding with the records it is about.
-- It knows the generated company's answers (what is excluded, and that all keys are whole numbers).

CREATE TEMP MACRO name_key(name) AS nullif(
    trim(regexp_replace(lower(nfc_normalize(name)), '[^\p{L}\p{M}\p{Nd}]+', ' ', 'g')), '');
CREATE TEMP MACRO company_key(name) AS regexp_replace(regexp_replace(name_key(name),
    '( (oy|oyj|ab|abp|ay|ky|tmi|osk|ry|rf|hb|kb|publ|as|asa|ans|da|enk|nuf|sa|aps|ivs|ltd|limited|inc|llc|plc|gmbh|bv|nv|ou|a s|k s|p s|i s))+$', ''),
    '^((oy|ab|as|a s) )+', '');
CREATE TEMP MACRO code_key(code) AS nullif(nullif(lower(trim(code)), ''), '0');
CREATE TEMP MACRO letters(id) AS upper(regexp_replace(id, '[^A-Za-z0-9]', '', 'g'));
CREATE TEMP MACRO body(id) AS nullif(regexp_replace(regexp_replace(letters(id),
    '^(AT|BE|BG|CH|CY|CZ|DE|DK|EE|EL|ES|FI|FR|GB|HR|HU|IE|IS|IT|LT|LU|LV|MT|NL|NO|PL|PT|RO|SE|SI|SK|XI)([^0-9]*[0-9]{6})', '\2'),
    'MVA$', ''), '');
CREATE TEMP MACRO country(id) AS coalesce(
    nullif(regexp_extract(letters(id), '^([A-Z]{2})[^0-9]*[0-9]{6}', 1), ''), CASE WHEN letters(id) LIKE '%MVA' THEN 'NO' END);

CREATE TEMP TABLE b AS
SELECT row_number() OVER () AS id, *, code_key(code) AS code_key,
       count(body) OVER (PARTITION BY suite, body) > 1 AS shared FROM (
    SELECT 'departments' AS suite, code, name, name_key(name) AS name_key, false AS excluded,
           NULL AS body, NULL AS country, NULL AS email, NULL AS customer
    FROM visma_business.departments
    UNION ALL SELECT 'products', code, name, name_key(name), group_value = 1, NULL, NULL, NULL, NULL
    FROM visma_business.products
    UNION ALL SELECT 'projects', code, name, name_key(name), false, NULL, NULL, NULL, code_key(customer)
    FROM visma_business.projects
    UNION ALL SELECT 'employees', employee_no, name, name_key(name), employee_group_value = 1, NULL, NULL, lower(trim(email)), NULL
    FROM visma_business.associates WHERE employee_no <> '0'
    UNION ALL SELECT 'customers', customer_no, name, company_key(name), customer_group_value = 1, body(business_no),
           country(business_no), NULL, NULL
    FROM visma_business.associates WHERE customer_no <> '0' AND delivery_to = 0);

CREATE TEMP TABLE s AS
SELECT row_number() OVER () AS id, *, code_key(code) AS code_key,
       count(body) OVER (PARTITION BY suite, body) > 1 AS shared FROM (
    SELECT 'departments' AS suite, 'businessunits' AS register, guid, code, name, name_key(name) AS name_key,
           is_active AS active, NULL AS body, NULL AS country, NULL AS email, NULL AS customer
    FROM severa.businessunits
    UNION ALL SELECT 'products', 'products', guid, code, name, name_key(name), is_active, NULL, NULL, NULL, NULL FROM severa.products
    UNION ALL SELECT 'products', 'worktypes', guid, code, name, name_key(name), is_active, NULL, NULL, NULL, NULL FROM severa.worktypes
    UNION ALL SELECT 'products', 'travelexpensetypes', guid, code, name, name_key(name), is_active, NULL, NULL, NULL, NULL
    FROM severa.travelexpensetypes
    UNION ALL SELECT 'employees', 'users', guid, code, first_name || ' ' || last_name, name_key(first_name || ' ' || last_name),
           is_active, NULL, NULL, lower(trim(email)), NULL FROM severa.users
    UNION ALL SELECT 'projects', 'projects', guid, number::VARCHAR, name, name_key(name), NOT is_closed, NULL, NULL, NULL,
           nullif(customer_number, 0)::VARCHAR FROM severa.projects
    UNION ALL SELECT 'projects', 'salescases', guid, number::VARCHAR, name, name_key(name), NOT is_closed, NULL, NULL, NULL,
           nullif(customer_number, 0)::VARCHAR FROM severa.salescases WHERE guid NOT IN (SELECT guid FROM severa.projects)
    UNION ALL SELECT 'customers', 'customers', guid, number::VARCHAR, name, company_key(name), is_active, body(vat_number),
           country(vat_number), NULL, NULL FROM severa.customers);

CREATE TEMP MACRO equal_ids(b, s) AS b.body = s.body AND coalesce(b.country = s.country, true);
CREATE TEMP TABLE pairs AS
WITH found AS (
    SELECT b.id AS business, s.id AS severa FROM b JOIN s USING (suite, code_key)
    UNION SELECT b.id, s.id FROM b JOIN s USING (suite, name_key) WHERE suite <> 'projects'
    UNION SELECT b.id, s.id FROM b JOIN s USING (suite, name_key, customer) WHERE suite = 'projects'
    UNION SELECT b.id, s.id FROM b JOIN s USING (suite, name_key)
          WHERE suite = 'projects' AND (b.customer IS NULL OR s.customer IS NULL)
    UNION SELECT b.id, s.id FROM b JOIN s USING (suite, body) WHERE equal_ids(b, s)
    UNION SELECT b.id, s.id FROM b JOIN s USING (suite, email)
),
compared AS (
    SELECT b.suite, business, severa, b.code_key = s.code_key IS TRUE AS codes_equal, s.code_key IS NOT NULL AS has_code,
           b.name_key = s.name_key IS TRUE AS names_equal,
           b.name_key AS business_key, s.name_key AS severa_key, s.register, b.excluded, s.active,
           coalesce((b.body IS NOT NULL AND s.body IS NOT NULL AND NOT equal_ids(b, s)) OR b.customer <> s.customer, false) AS contradict,
           coalesce(equal_ids(b, s), false) AS ids_equal,
           coalesce(equal_ids(b, s) AND NOT b.shared AND NOT s.shared, false) OR coalesce(b.email = s.email, false) AS identified
    FROM found JOIN b ON b.id = business JOIN s ON s.id = severa
)
SELECT *, NOT excluded AND active AS live, NOT contradict AND (names_equal OR identified) AS same,
       NOT contradict AND CASE WHEN NOT names_equal AND NOT identified AND codes_equal
           THEN similar(business_key, severa_key)
           OR list_has_all(string_split(business_key, ' '), string_split(severa_key, ' '))
           OR list_has_all(string_split(severa_key, ' '), string_split(business_key, ' ')) ELSE false END AS alike
FROM compared;

CREATE TEMP TABLE judged AS
WITH linked AS (SELECT DISTINCT business, severa FROM pairs WHERE codes_equal AND (same OR alike)),
open_pairs AS (
    SELECT p.*, count(*) OVER (PARTITION BY business) AS of_business, count(*) OVER (PARTITION BY severa) AS of_severa
    FROM pairs AS p
    WHERE live AND same AND NOT codes_equal
      AND business NOT IN (SELECT business FROM linked) AND severa NOT IN (SELECT severa FROM linked)
)
SELECT p.*, p.business IN (SELECT business FROM linked) AS business_linked,
       p.severa IN (SELECT severa FROM linked) AS severa_linked,
       bool_or(p.live AND p.same) OVER (PARTITION BY p.business) OR bool_or(p.live AND p.same) OVER (PARTITION BY p.severa) AS settled,
       o.business IS NOT NULL AS open_pair, coalesce(greatest(o.of_business, o.of_severa), 0) AS choices
FROM pairs AS p LEFT JOIN open_pairs AS o USING (business, severa);

CREATE TABLE findings AS
WITH records AS (
    SELECT suite, 'visma_business' AS system, id, 'regular' AS register, code_key, name_key, body, country, NOT excluded AS moves FROM b
    UNION ALL
    SELECT suite, 'severa', id, CASE WHEN register IN ('worktypes', 'travelexpensetypes') THEN register ELSE 'regular' END,
           code_key, name_key, body, country, active FROM s
),
moving AS (SELECT * FROM records WHERE moves AND suite IN ('customers', 'employees')),
usage AS (
    SELECT 'customer_numbering' AS suite, 'visma_business' AS system, code_key::BIGINT AS number,
           bool_or(id NOT IN (SELECT business FROM judged WHERE codes_equal AND (same OR alike))) AS loose
    FROM b WHERE suite = 'customers' GROUP BY ALL
    UNION ALL
    SELECT 'customer_numbering', 'severa', code_key::BIGINT,
           bool_or(id NOT IN (SELECT severa FROM judged WHERE codes_equal AND (same OR alike)))
    FROM s WHERE suite = 'customers' AND code_key IS NOT NULL GROUP BY ALL
    UNION ALL SELECT DISTINCT 'invoice_numbering', 'visma_business', number::BIGINT, true FROM visma_business.invoice_numbers
    UNION ALL SELECT DISTINCT 'invoice_numbering', 'severa', number, true FROM severa.invoices WHERE number > 0
),
series AS (
    SELECT 'customer_numbering' AS suite, 'visma_business' AS system, "first", "last" FROM visma_business.customer_series
    UNION ALL SELECT 'invoice_numbering', 'visma_business', greatest("first", "next"), "last" FROM visma_business.voucher_series
    UNION ALL SELECT 'customer_numbering', 'severa', next_customer_number, 8999999 FROM severa.organizationsettings
    UNION ALL SELECT 'invoice_numbering', 'severa', next_invoice_number, 8999999 FROM severa.organizationsettings
)
SELECT suite, CASE WHEN choices > 1 THEN 'ambiguous_match' WHEN has_code THEN 'code_mismatch' ELSE 'code_missing' END AS rule,
       business, severa, NULL AS number
FROM judged WHERE open_pair
UNION ALL SELECT suite, 'ambiguous_match', business, severa, NULL FROM judged
WHERE live AND ids_equal AND NOT same AND NOT codes_equal AND NOT business_linked AND NOT severa_linked AND NOT settled
UNION ALL
SELECT suite, CASE WHEN register IN ('worktypes', 'travelexpensetypes') THEN 'code_shared' ELSE 'code_conflict' END,
       business, severa, NULL
FROM judged WHERE codes_equal AND NOT same AND NOT alike
UNION ALL SELECT suite, 'name_differs', business, severa, NULL FROM judged
WHERE codes_equal AND (same OR alike) AND NOT names_equal
UNION ALL SELECT suite, 'same_name_other_id', business, severa, NULL FROM judged
WHERE suite = 'customers' AND live AND names_equal AND contradict AND NOT codes_equal AND NOT (business_linked AND severa_linked)
UNION ALL SELECT suite, 'duplicate_entity', business, severa, NULL FROM judged
WHERE live AND (same OR ids_equal) AND NOT codes_equal AND business_linked <> severa_linked
  AND register NOT IN ('worktypes', 'travelexpensetypes')
UNION ALL SELECT suite, 'inactive_twin', business, severa, NULL FROM judged
WHERE NOT excluded AND NOT active AND same AND NOT codes_equal AND NOT business_linked
UNION ALL SELECT suite, 'excluded_but_in_severa', business, severa, NULL FROM judged WHERE excluded AND active AND same
UNION ALL SELECT suite, 'code_absent', NULL, id, NULL FROM s
WHERE active AND code_key IS NULL AND register NOT IN ('worktypes', 'travelexpensetypes')
  AND id NOT IN (SELECT severa FROM judged WHERE same)
UNION ALL SELECT suite, 'name_too_long', NULL, id, NULL FROM s WHERE active AND length(trim(name)) > 80
UNION ALL SELECT suite, 'code_not_transferable', NULL, id, NULL FROM s
WHERE active AND code_key IS NOT NULL AND CASE WHEN suite = 'products' THEN length(code_key) > 40
    ELSE NOT regexp_full_match(code_key, '[1-9][0-9]{0,9}') OR code_key::BIGINT > 2147483647 END
UNION ALL SELECT suite, 'code_not_transferable', id, NULL, NULL FROM b
WHERE suite IN ('customers', 'projects') AND NOT excluded AND NOT regexp_full_match(code_key, '[1-9][0-9]{0,17}')
UNION ALL SELECT suite, 'email_missing', id, NULL, NULL FROM b WHERE suite = 'employees' AND NOT excluded AND email = ''
UNION ALL SELECT suite, 'name_not_splittable', id, NULL, NULL FROM b
WHERE suite = 'employees' AND NOT excluded AND NOT contains(trim(name), ' ')
UNION ALL SELECT suite, 'code_duplicate', id, NULL, NULL FROM records
WHERE code_key IS NOT NULL AND register = 'regular'
QUALIFY count(*) OVER (PARTITION BY suite, system, code_key) > 1
UNION ALL SELECT suite, 'duplicate_in_system', id, NULL, NULL FROM moving AS r
WHERE EXISTS (FROM moving AS o WHERE o.suite = r.suite AND o.system = r.system AND o.name_key = r.name_key AND o.id <> r.id
              AND (o.body IS NULL OR r.body IS NULL))
   OR EXISTS (FROM moving AS o WHERE o.suite = r.suite AND o.system = r.system AND o.body = r.body AND o.id <> r.id
              AND coalesce(o.country = r.country, true))
UNION ALL SELECT u.suite, 'number_in_other_series', NULL, NULL, number FROM usage AS u
JOIN series AS x ON x.suite = u.suite AND x.system <> u.system AND u.number BETWEEN x."first" AND x."last" WHERE loose
UNION ALL SELECT 'invoice_numbering', 'number_duplicate', NULL, NULL, number FROM severa.invoices WHERE number > 0
GROUP BY number HAVING count(*) > 1;

COPY (
    SELECT f.suite, f.rule, b.code AS business_code, b.name AS business_name, s.guid AS severa_guid, s.code AS severa_code,
           s.name AS severa_name, f.number
    FROM findings AS f LEFT JOIN b ON b.id = f.business LEFT JOIN s ON s.id = f.severa
) TO 'findings.parquet' (COMPRESSION zstd);
