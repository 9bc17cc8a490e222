-- A company in both systems, of any size, the same for the same size: tables in the shapes of staging/tables.py.
-- Variables: customers (per side), next_customer_number (Severa's counter), and lists of words. `draw(key, salt, below)` is a random number that depends
-- on nothing but its arguments.

CREATE MACRO draw(key, salt, below) AS (hash(key, salt) % below)::BIGINT;
CREATE MACRO word(name, number) AS list_extract(getvariable(name), (number % len(getvariable(name)) + 1)::BIGINT);
CREATE MACRO size(divisor) AS greatest(20, getvariable('customers') // divisor);
CREATE MACRO day(key, salt) AS (2006 + draw(key, salt, 20)) * 10000 + (1 + draw(key, salt || 'm', 12)) * 100 + 1;
CREATE MACRO guid(register, key) AS register || '-' || lpad(key::VARCHAR, 32, '0');

-- Half of the names are made-up brands with a trade, a quarter have the town as well, a quarter are two surnames.
CREATE MACRO brand(key) AS
    upper(left(word('syllables', draw(key, 'a', 1000)), 1)) || substr(word('syllables', draw(key, 'a', 1000)), 2)
    || word('syllables', draw(key, 'b', 1000)) || word('syllables', draw(key, 'c', 1000));
CREATE MACRO bare_name(key) AS CASE draw(key, 'style', 4)
    WHEN 0 THEN brand(key) || ' ' || word('trades', draw(key, 't', 1000)) || ' ' || word('towns', draw(key, 'o', 1000))
    WHEN 1 THEN word('surnames', draw(key, 's', 1000)) || ' & ' || word('surnames', draw(key, 'u', 1000)) || ' '
        || brand(key) || CASE draw(key, 'dash', 20) WHEN 0 THEN ' – ' || word('towns', draw(key, 'o', 1000)) ELSE '' END
    ELSE brand(key) || ' ' || word('trades', draw(key, 't', 1000)) END;
-- two neighbouring letters change places
CREATE MACRO mistyped(name) AS left(name, 2) || substr(name, 4, 1) || substr(name, 3, 1) || substr(name, 5);
-- of eight digits and Norway's check digit (modulo 11; where that would be 10, the next number is taken)
CREATE MACRO check_digit(n) AS (11 - (n // 10000000 % 10 * 3 + n // 1000000 % 10 * 2 + n // 100000 % 10 * 7
    + n // 10000 % 10 * 6 + n // 1000 % 10 * 5 + n // 100 % 10 * 4 + n // 10 % 10 * 3 + n % 10 * 2) % 11) % 11;
CREATE MACRO eight_digits(key) AS (80000000 + key::BIGINT * 97 % 19999999);
CREATE MACRO with_check_digit(n) AS (CASE WHEN check_digit(n) < 10 THEN n * 10 + check_digit(n)
    WHEN check_digit(n + 1) < 10 THEN (n + 1) * 10 + check_digit(n + 1) ELSE (n + 2) * 10 + check_digit(n + 2) END)::VARCHAR;
CREATE MACRO organisation_number(key) AS with_check_digit(eight_digits(key));

-- What is planted, in ten thousandths of the customers; the rest is correctly linked.
CREATE TABLE plan AS
SELECT key, bare_name(key) AS bare, organisation_number(key) AS id, draw(key, 'id', 100) < 85 AS identified,
       CASE WHEN k < 100 THEN 'other number' WHEN k < 150 THEN 'no number' WHEN k < 170 THEN 'two candidates'
            WHEN k < 220 THEN 'mistyped' WHEN k < 260 THEN 'number of another' WHEN k < 290 THEN 'nearly the same'
            WHEN k < 310 THEN 'name of another' WHEN k < 330 THEN 'second copy' WHEN k < 350 THEN 'inactive twin'
            WHEN k < 450 THEN 'excluded' WHEN k < 470 THEN 'excluded, active' WHEN k < 670 THEN 'business only'
            WHEN k < 770 THEN 'severa only' WHEN k < 790 THEN 'severa only, no number'
            WHEN k < 800 THEN 'number twice' WHEN k < 805 THEN 'long name' WHEN k < 815 THEN 'business copy'
            ELSE 'linked' END AS kind
FROM (SELECT key, draw(key, 'kind', 10000) AS k FROM range(getvariable('customers')) AS t(key));

CREATE TABLE business_customers AS
SELECT key, 100000 + key AS number, bare || ' AS' AS name, kind LIKE 'excluded%' AS excluded,
       CASE WHEN identified AND kind NOT IN ('mistyped', 'nearly the same') THEN id ELSE '' END AS id
FROM plan WHERE kind NOT LIKE 'severa only%'
UNION ALL
SELECT key, 3000000 + key, upper(bare) || ' AS', false, CASE WHEN identified THEN id ELSE '' END
FROM plan WHERE kind = 'business copy';

CREATE TABLE severa_customers AS
WITH written AS (
    SELECT *, CASE draw(key, 'writing', 10) WHEN 0 THEN upper(bare) WHEN 1 THEN bare WHEN 2 THEN bare || ', AS'
                   ELSE bare || ' AS' END AS name,
           CASE WHEN NOT identified THEN NULL WHEN draw(key, 'vat', 2) = 0 THEN 'NO ' || id || ' MVA' ELSE id END AS vat
    FROM plan WHERE kind <> 'business only'
)
SELECT guid('c', key) AS guid,
       CASE kind WHEN 'mistyped' THEN mistyped(name) WHEN 'nearly the same' THEN mistyped(name)
                 WHEN 'number of another' THEN bare_name(key + 100000007)
                 WHEN 'long name' THEN name || repeat(' avdeling', 10) ELSE name END AS name,
       CASE WHEN kind IN ('no number', 'two candidates', 'severa only, no number') THEN NULL
            WHEN kind IN ('other number', 'nearly the same', 'name of another', 'inactive twin') THEN 6000000 + key
            WHEN kind = 'severa only' THEN 5000000 + key
            WHEN kind = 'number twice' THEN 100000 + key - key % 2
            ELSE 100000 + key END AS number,
       kind NOT IN ('inactive twin', 'excluded') AS is_active,
       CASE WHEN kind IN ('mistyped', 'nearly the same') THEN NULL
            WHEN kind IN ('number of another', 'name of another') THEN organisation_number(key + 100000007)
            ELSE vat END AS vat_number
FROM written
UNION ALL
SELECT guid('d', key), name, NULL, true, vat FROM written WHERE kind IN ('two candidates', 'second copy');

CREATE TABLE people AS
SELECT key, 1000 + key AS number,
       word('first_names', draw(key, 'f', 1000)) || ' ' || brand(key + 500000003) AS first_name,
       word('surnames', draw(key, 's', 1000)) AS last_name, 'p' || key || '@example.no' AS email,
       draw(key, 'person', 100) AS kind
FROM range(size(50)) AS t(key);

CREATE TABLE project_plan AS
SELECT key, 20000 + key AS number,
       -- every second project is one of a few hundred names that hundreds of customers share
       shared,
       CASE WHEN shared THEN word('projects', draw(key, 'p', 1000)) || ' ' || (2016 + draw(key, 'y', 10))
            ELSE word('projects', draw(key, 'p', 1000)) || ' ' || brand(key + 700000001) END AS name,
       100000 + draw(key, 'customer', getvariable('customers')) AS customer, draw(key, 'project', 100) AS kind
FROM (SELECT key, draw(key, 'shared', 2) = 0 AS shared FROM range(size(10)) AS t(key));

CREATE TABLE goods AS
SELECT key, 'P-' || key AS code, word('trades', key) || ' ' || brand(key + 300000007) AS name,
       draw(key, 'product', 100) AS kind
FROM range(size(100)) AS t(key);

CREATE SCHEMA visma_business;
CREATE TABLE visma_business.departments AS
SELECT key::VARCHAR AS code, word('towns', key) AS name, 0::BIGINT AS group_value, 20060101::BIGINT AS created_on,
       day(key, 'changed') AS changed_on
FROM range(1, 21) AS t(key);
CREATE TABLE visma_business.projects AS
SELECT number::VARCHAR AS code, name, customer::VARCHAR AS customer, 0::BIGINT AS group_value,
       20060101::BIGINT AS created_on, day(number, 'changed') AS changed_on
FROM project_plan;
CREATE TABLE visma_business.products AS
SELECT code, name, (kind = 7)::BIGINT AS group_value, 20060101::BIGINT AS created_on,
       day(code, 'changed') AS changed_on
FROM goods;
CREATE TABLE visma_business.associates AS
SELECT (1 + row_number() OVER ())::VARCHAR AS act_no, *, 20060101::BIGINT AS created_on,
       day(customer_no || employee_no, 'changed') AS changed_on
FROM (
    SELECT name, number::VARCHAR AS customer_no, '0' AS employee_no, 0::BIGINT AS delivery_to, id AS business_no,
           '' AS email, excluded::BIGINT AS customer_group_value, 0::BIGINT AS employee_group_value
    FROM business_customers
    UNION ALL
    SELECT name || ' lager', number::VARCHAR, '0', 1, '', '', 0, 0 FROM business_customers WHERE key % 20 = 0
    UNION ALL
    SELECT first_name || ' ' || last_name, '0', number::VARCHAR, 0, '', CASE kind WHEN 5 THEN '' ELSE email END, 0,
           (kind = 7)::BIGINT
    FROM people);
CREATE TABLE visma_business.customer_series AS
SELECT 1::BIGINT AS account_class, 100000::BIGINT AS "first", 4999999::BIGINT AS "last";
CREATE TABLE visma_business.voucher_series AS
SELECT '1' AS key, 'Faktura' AS name, 1000000::BIGINT AS "first", 3000000::BIGINT AS "next", 3999999::BIGINT AS "last";
CREATE TABLE visma_business.invoice_numbers AS
SELECT (1000000 + key)::VARCHAR AS number FROM range(getvariable('customers')) AS t(key);

CREATE TABLE visma_business.group_fields AS
SELECT '' AS entity, '' AS group_field, 0 AS records, 0 AS marked, 0 AS lowest, 0 AS highest LIMIT 0;
CREATE TABLE visma_business.activity AS
SELECT '' AS entity, '' AS code, 0 AS last_on, false AS is_open LIMIT 0;
CREATE TABLE visma_business.activity_sources AS SELECT '' AS entity, '' AS table_name, 0 AS codes LIMIT 0;

CREATE SCHEMA severa;
CREATE TABLE severa.businessunits AS
SELECT guid('b', code) AS guid, name, code, true AS is_active FROM visma_business.departments;
CREATE TABLE severa.products AS
SELECT guid('p', key) AS guid, CASE kind WHEN 3 THEN mistyped(name) ELSE name END AS name,
       CASE kind WHEN 1 THEN 'Q-' || key WHEN 2 THEN NULL ELSE code END AS code, kind <> 9 AS is_active
FROM goods;
CREATE TABLE severa.worktypes AS
SELECT guid('w', key) AS guid, 'Arbeid ' || word('trades', key) AS name, 'P-' || key % 10 AS code, true AS is_active
FROM range(40) AS t(key);
CREATE TABLE severa.travelexpensetypes AS
SELECT guid('t', key) AS guid, 'Reise ' || word('towns', key) AS name, 'T-' || key AS code, true AS is_active
FROM range(20) AS t(key);
CREATE TABLE severa.users AS
SELECT guid('u', key) AS guid, first_name, last_name,
       CASE kind WHEN 1 THEN (900000 + key)::VARCHAR WHEN 2 THEN NULL ELSE number::VARCHAR END AS code, email,
       kind <> 9 AS is_active
FROM people;
CREATE TABLE severa.customers AS SELECT guid, name, number::BIGINT AS number, is_active, vat_number FROM severa_customers;
CREATE TABLE severa.projects AS
SELECT guid('j', key) AS guid, CASE kind WHEN 3 THEN mistyped(name) ELSE name END AS name,
       CASE kind WHEN 1 THEN 5000000 + key WHEN 2 THEN NULL ELSE number END::BIGINT AS number,
       CASE WHEN kind = 4 AND NOT shared THEN NULL ELSE customer END::BIGINT AS customer_number, kind > 90 AS is_closed
FROM project_plan WHERE key % 4 > 0;
CREATE TABLE severa.salescases AS
SELECT guid('s', key) AS guid, name, number::BIGINT AS number, customer::BIGINT AS customer_number, false AS is_closed
FROM project_plan WHERE key % 4 = 0;
CREATE TABLE severa.invoices AS
SELECT guid('i', key) AS guid,
       (5000000 + CASE draw(key, 'invoice', 1000) WHEN 0 THEN key - 1 ELSE key END)::BIGINT AS number,
       NULL::VARCHAR AS unit_guid
FROM range(1, getvariable('customers') + 1) AS t(key);
CREATE TABLE severa.organizationsettings AS
SELECT getvariable('next_customer_number')::BIGINT AS next_customer_number, 8000000::BIGINT AS next_invoice_number,
       8000000::BIGINT AS next_project_number, false AS unique_product_codes;
