-- What the rules are about, as views that a person keeps in the warehouse: neither Soda nor Great Expectations
-- transforms data. Both systems' tables are in the schemas visma_business and severa.
CREATE EXTENSION IF NOT EXISTS fuzzystrmatch;
CREATE SCHEMA checks;

CREATE FUNCTION checks.name_key(name text) RETURNS text LANGUAGE sql IMMUTABLE
RETURN nullif(trim(regexp_replace(lower(normalize(name, NFKC)), '[^[:alnum:]]+', ' ', 'g')), '');
CREATE FUNCTION checks.company_key(name text) RETURNS text LANGUAGE sql IMMUTABLE
RETURN regexp_replace(regexp_replace(checks.name_key(name),
    '( (oy|oyj|ab|abp|ay|ky|tmi|osk|ry|rf|hb|kb|publ|as|asa|ans|da|enk|nuf|sa|aps|ivs|ltd|limited|inc|llc|plc|gmbh|bv|nv|ou|a s|k s|p s|i s))+$', ''),
    '^((oy|ab|as|a s) )+', '');
CREATE FUNCTION checks.letters(id text) RETURNS text LANGUAGE sql IMMUTABLE
RETURN upper(regexp_replace(id, '[^A-Za-z0-9]', '', 'g'));
CREATE FUNCTION checks.body(id text) RETURNS text LANGUAGE sql IMMUTABLE
RETURN nullif(regexp_replace(regexp_replace(checks.letters(id),
    '^(AT|BE|BG|CH|CY|CZ|DE|DK|EE|EL|ES|FI|FR|GB|HR|HU|IE|IS|IT|LT|LU|LV|MT|NL|NO|PL|PT|RO|SE|SI|SK|XI)([^0-9]*[0-9]{6})', '\2'),
    'MVA$', ''), '');
CREATE FUNCTION checks.country(id text) RETURNS text LANGUAGE sql IMMUTABLE
RETURN coalesce(substring(checks.letters(id) FROM '^([A-Z]{2})[^0-9]*[0-9]{6}'),
                CASE WHEN checks.letters(id) LIKE '%MVA' THEN 'NO' END);
-- 90 of 100 or more of the letters of both, words in order: a replaced letter is one taken away and one put in
CREATE FUNCTION checks.sorted_words(name_key text) RETURNS text LANGUAGE sql IMMUTABLE
RETURN (SELECT string_agg(word, ' ' ORDER BY word) FROM unnest(string_to_array(name_key, ' ')) AS word);
CREATE FUNCTION checks.similar(a text, b text) RETURNS boolean LANGUAGE sql IMMUTABLE
RETURN 10 * levenshtein(checks.sorted_words(a), checks.sorted_words(b), 1, 1, 2) <= length(a) + length(b);

CREATE MATERIALIZED VIEW checks.business_customers AS
SELECT act_no AS id, nullif(trim(customer_no), '') AS code, name, checks.company_key(name) AS name_key,
       checks.body(business_no) AS body, checks.country(business_no) AS country, customer_group_value = 1 AS excluded,
       count(*) OVER (PARTITION BY checks.body(business_no)) > 1 AS id_shared
FROM visma_business.associates WHERE customer_no <> '0' AND delivery_to = 0;

CREATE MATERIALIZED VIEW checks.severa_customers AS
SELECT guid AS id, nullif(number, 0)::text AS code, name, checks.company_key(name) AS name_key,
       checks.body(vat_number) AS body, checks.country(vat_number) AS country, is_active AS active,
       count(*) OVER (PARTITION BY checks.body(vat_number)) > 1 AS id_shared
FROM severa.customers;

CREATE MATERIALIZED VIEW checks.compared AS
WITH found AS (
    SELECT b.id AS business, s.id AS severa
    FROM checks.business_customers AS b JOIN checks.severa_customers AS s USING (code)
    UNION
    SELECT b.id, s.id FROM checks.business_customers AS b JOIN checks.severa_customers AS s USING (name_key)
    UNION
    SELECT b.id, s.id FROM checks.business_customers AS b JOIN checks.severa_customers AS s USING (body)
    WHERE coalesce(b.country = s.country, true)
),
facts AS (
    SELECT business, severa, b.excluded, s.active, s.code AS severa_code, b.name_key AS business_key,
           s.name_key AS severa_key, (b.code = s.code) IS TRUE AS codes_equal, (b.name_key = s.name_key) IS TRUE AS names_equal,
           (b.body = s.body AND coalesce(b.country = s.country, true)) IS TRUE AS ids_equal,
           (b.body <> s.body) IS TRUE AS contradict, b.id_shared OR s.id_shared AS id_shared
    FROM found JOIN checks.business_customers AS b ON b.id = business JOIN checks.severa_customers AS s ON s.id = severa
),
judged AS (
    SELECT *, NOT excluded AND active AS live, NOT contradict AND (names_equal OR ids_equal AND NOT id_shared) AS same FROM facts
)
SELECT *, codes_equal AND NOT same AND NOT contradict AND (
           checks.similar(business_key, severa_key)
           OR string_to_array(business_key, ' ') @> string_to_array(severa_key, ' ')
           OR string_to_array(business_key, ' ') <@ string_to_array(severa_key, ' ')) AS alike
FROM judged;

CREATE MATERIALIZED VIEW checks.pairs AS
WITH linked AS (
    SELECT business, severa FROM checks.compared WHERE codes_equal AND (same OR alike)
),
known AS (
    SELECT *, business IN (SELECT business FROM linked) AS business_linked,
           severa IN (SELECT severa FROM linked) AS severa_linked
    FROM checks.compared
),
opened AS (
    SELECT *, live AND same AND NOT codes_equal AND NOT business_linked AND NOT severa_linked AS open,
           live AND ids_equal AND NOT same AND NOT codes_equal AND NOT business_linked AND NOT severa_linked
           AND NOT bool_or(live AND same) OVER (PARTITION BY business)
           AND NOT bool_or(live AND same) OVER (PARTITION BY severa) AS by_shared_id
    FROM known
)
SELECT *, greatest(count(*) FILTER (WHERE open) OVER (PARTITION BY business),
                   count(*) FILTER (WHERE open) OVER (PARTITION BY severa)) AS choices
FROM opened;

CREATE VIEW checks.series AS
SELECT 'customers' AS kind, 'business' AS system, first, last FROM visma_business.customer_series
UNION ALL SELECT 'invoices', 'business', greatest(first, next), last FROM visma_business.voucher_series
UNION ALL SELECT 'customers', 'severa', next_customer_number, 8999999 FROM severa.organizationsettings
UNION ALL SELECT 'invoices', 'severa', next_invoice_number, 8999999 FROM severa.organizationsettings;

CREATE VIEW checks.series_pairs AS
SELECT kind, greatest(b.first, s.first) AS shared_first, least(b.last, s.last) AS shared_last
FROM checks.series AS b JOIN checks.series AS s USING (kind) WHERE b.system = 'business' AND s.system = 'severa';

CREATE MATERIALIZED VIEW checks.numbers AS
SELECT 'customers' AS kind, 'business' AS system, b.code::bigint AS number,
       bool_or(p.business IS NULL) AS without_partner
FROM checks.business_customers AS b
LEFT JOIN (SELECT DISTINCT business FROM checks.pairs WHERE codes_equal AND (same OR alike)) AS p ON p.business = b.id
GROUP BY b.code
UNION ALL
SELECT 'customers', 'severa', s.code::bigint, bool_or(p.severa IS NULL) FROM checks.severa_customers AS s
LEFT JOIN (SELECT DISTINCT severa FROM checks.pairs WHERE codes_equal AND (same OR alike)) AS p ON p.severa = s.id
WHERE s.code IS NOT NULL GROUP BY s.code
UNION ALL
SELECT DISTINCT 'invoices', 'business', number::bigint, true FROM visma_business.invoice_numbers
UNION ALL
SELECT DISTINCT 'invoices', 'severa', number, true FROM severa.invoices WHERE number > 0;

CREATE VIEW checks.numbers_in_series AS
SELECT n.kind, n.number, n.system, s.system AS of_system, n.without_partner
FROM checks.numbers AS n JOIN checks.series AS s USING (kind) WHERE n.number BETWEEN s.first AND s.last;
ANALYZE;
