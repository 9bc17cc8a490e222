-- What a record has in common with others of its own system.

-- An address that several records of a system have is a shared mailbox, not a person.
UPDATE keyed_records AS r SET email_key = NULL
FROM (SELECT system, email_key FROM base WHERE suite = 'employees' AND email_key IS NOT NULL
      GROUP BY ALL HAVING count(*) > 1) AS shared
WHERE r.suite = 'employees' AND r.system = shared.system AND r.email_key = shared.email_key;

-- Records among which a code must be unique. Severa's work types and travel-expense types may share codes unless
-- the organisation demands codes that are unique over all three registers.
CREATE TEMP MACRO must_be_unique(register, unique_everywhere) AS
    register IS NULL OR register NOT IN ('worktypes', 'travelexpensetypes') OR unique_everywhere;

CREATE TEMP TABLE code_groups AS
SELECT suite, system, code_key, count(*) AS holders
FROM base
WHERE code_key IS NOT NULL AND must_be_unique(register, (SELECT unique_product_codes FROM checks.settings))
GROUP BY ALL HAVING count(*) > 1;

-- "The same as another one of its own system": customers by id or name unless ids contradict, employees by name
-- (a shared address does not count). Counted by groups, so that ten thousand namesakes cost no hundred million pairs.
CREATE TEMP TABLE twins AS
WITH usable AS NOT MATERIALIZED (
    SELECT record_id, suite, system, name_key, id_body, id_country FROM base
    WHERE suite IN ('customers', 'employees') AND active AND NOT excluded
),
names AS (
    SELECT suite, system, name_key, count(*) AS n, count(*) FILTER (id_body IS NULL) AS n_without_id
    FROM usable WHERE name_key IS NOT NULL GROUP BY ALL HAVING count(*) > 1
),
ids AS (
    SELECT suite, system, id_body, count(*) AS n, count(*) FILTER (id_country IS NULL) AS n_without_country
    FROM usable WHERE id_body IS NOT NULL GROUP BY ALL HAVING count(*) > 1
),
ids_by_country AS (
    SELECT suite, system, id_body, id_country, count(*) AS n
    FROM usable WHERE id_country IS NOT NULL AND id_body IS NOT NULL GROUP BY ALL
),
candidates AS (
    SELECT u.*, names.n AS named, names.n_without_id, ids.n AS identified, ids.n_without_country
    FROM usable AS u
    LEFT JOIN names USING (suite, system, name_key)
    LEFT JOIN ids USING (suite, system, id_body)
    WHERE names.n IS NOT NULL OR ids.n IS NOT NULL
),
counted AS (
    SELECT c.record_id,
           -- others with an equal id
           CASE WHEN c.identified IS NULL THEN 0
                WHEN c.id_country IS NULL THEN c.identified - 1
                ELSE c.n_without_country + ic.n - 1 END AS by_id,
           -- others with an equal name that have no id, or any if this one has none
           CASE WHEN c.named IS NULL THEN 0
                WHEN c.id_body IS NULL THEN c.named - 1
                ELSE c.n_without_id END AS by_name
    FROM candidates AS c
    LEFT JOIN ids_by_country AS ic USING (suite, system, id_body, id_country)
)
SELECT record_id, by_id + by_name AS same_in_own_system FROM counted WHERE by_id + by_name > 0;
