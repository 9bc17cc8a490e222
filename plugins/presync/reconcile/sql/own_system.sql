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

-- An id that another customer of the same system has, too (a head office and its branches), does not say who one is.
CREATE TEMP TABLE id_holders AS
SELECT system, id_body, id_country, count(*) AS n FROM base WHERE suite = 'customers' AND id_body IS NOT NULL GROUP BY ALL;

UPDATE keyed_records AS r SET id_shared = true
FROM (
    SELECT h.system, h.id_body, h.id_country
    FROM id_holders AS h
    JOIN id_holders AS others ON h.system = others.system AND h.id_body = others.id_body
     AND (h.id_country IS NULL OR others.id_country IS NULL OR h.id_country = others.id_country)
    GROUP BY ALL HAVING sum(others.n) > 1
) AS shared
WHERE r.suite = 'customers' AND r.system = shared.system AND r.id_body = shared.id_body
  AND r.id_country IS NOT DISTINCT FROM shared.id_country;

-- feeds: duplicate_in_system
-- "The same as another one of its own system": customers by id (shared ones, too) or by name unless ids differ for
-- certain, employees by name. Counted by groups, so that ten thousand namesakes cost no hundred million pairs.
CREATE TEMP TABLE usable AS
WITH candidates AS NOT MATERIALIZED (
    SELECT record_id, suite, system, name_key, id_body, id_country FROM base
    WHERE suite IN ('customers', 'employees') AND active AND NOT excluded
),
shared_names AS (
    SELECT suite, system, name_key FROM candidates WHERE name_key IS NOT NULL GROUP BY ALL HAVING count(*) > 1
),
shared_ids AS (
    SELECT suite, system, id_body FROM candidates WHERE id_body IS NOT NULL GROUP BY ALL HAVING count(*) > 1
)
-- the few that have a name or an id in common, and so all that any of the groups below is about
SELECT c.* FROM candidates AS c
LEFT JOIN shared_names AS n USING (suite, system, name_key) LEFT JOIN shared_ids AS i USING (suite, system, id_body)
WHERE n.name_key IS NOT NULL OR i.id_body IS NOT NULL;

CREATE TEMP TABLE twins AS
WITH names AS (
    SELECT suite, system, name_key, count(*) AS n FROM usable WHERE name_key IS NOT NULL GROUP BY ALL HAVING count(*) > 1
),
-- of one name and one country, other bodies are other companies
names_by_country AS (
    SELECT suite, system, name_key, id_country, count(*) AS n FROM usable
    WHERE name_key IS NOT NULL AND id_country IS NOT NULL GROUP BY ALL
),
names_by_id AS (
    SELECT suite, system, name_key, id_body, id_country, count(*) AS n FROM usable
    WHERE name_key IS NOT NULL AND id_body IS NOT NULL GROUP BY ALL
),
names_and_ids AS (
    SELECT suite, system, name_key, id_body, sum(n)::BIGINT AS n, coalesce(sum(n) FILTER (id_country IS NULL), 0)::BIGINT AS n_without_country
    FROM names_by_id GROUP BY ALL
),
ids AS (
    SELECT suite, system, id_body, count(*) AS n, count(*) FILTER (id_country IS NULL) AS n_without_country
    FROM usable WHERE id_body IS NOT NULL GROUP BY ALL HAVING count(*) > 1
),
ids_by_country AS (
    SELECT suite, system, id_body, id_country, count(*) AS n
    FROM usable WHERE id_country IS NOT NULL AND id_body IS NOT NULL GROUP BY ALL
),
counted AS (
    SELECT u.record_id,
           -- others with an equal name, but those whose ids differ for certain
           CASE WHEN names.n IS NULL THEN 0
                WHEN u.id_country IS NULL THEN names.n - 1
                ELSE names.n - 1 - (nc.n - nb.n) END AS by_name,
           -- others with an equal id
           CASE WHEN ids.n IS NULL THEN 0
                WHEN u.id_country IS NULL THEN ids.n - 1
                ELSE ids.n_without_country + ic.n - 1 END AS by_id,
           -- others with both
           CASE WHEN names.n IS NULL OR ids.n IS NULL THEN 0
                WHEN u.id_country IS NULL THEN ni.n - 1
                ELSE ni.n_without_country + nb.n - 1 END AS by_both
    FROM usable AS u
    LEFT JOIN names USING (suite, system, name_key)
    LEFT JOIN ids USING (suite, system, id_body)
    LEFT JOIN names_by_country AS nc USING (suite, system, name_key, id_country)
    LEFT JOIN names_by_id AS nb USING (suite, system, name_key, id_body, id_country)
    LEFT JOIN names_and_ids AS ni USING (suite, system, name_key, id_body)
    LEFT JOIN ids_by_country AS ic USING (suite, system, id_body, id_country)
    WHERE names.n IS NOT NULL OR ids.n IS NOT NULL
)
SELECT record_id, by_name + by_id - by_both AS same_in_own_system FROM counted WHERE by_name + by_id - by_both > 0;
