-- related: every pair of a business and a Severa record of one entity that a rule may be about, once:
-- equal codes; else equal names; else equal ids or addresses; else similar names (checks.near, by similar_names/);
-- else all words of one name in the other (customers); else a person says that they are the same.

CREATE TEMP MACRO contradict(b, s) AS CASE b.suite
    WHEN 'customers' THEN ids_differ(b.id_body, b.id_country, s.id_body, s.id_country)
    WHEN 'projects' THEN b.customer_key IS NOT NULL AND s.customer_key IS NOT NULL
        AND b.customer_key <> s.customer_key
    ELSE false END;

-- Views and a statement for each way to be related: together, DuckDB would keep a copy of all records and every
-- join's table in memory at once.
CREATE TEMP VIEW b AS SELECT * FROM base WHERE system = 'visma_business';
CREATE TEMP VIEW s AS SELECT * FROM base WHERE system = 'severa';

CREATE TEMP TABLE related AS
SELECT b.record_id AS business_id, s.record_id AS severa_id FROM b JOIN s USING (suite, code_key);

-- Names are joined in three parts, because hundreds of projects of different customers may share one: those
-- contradict, and to meet them all would take the square of their number. Only projects have customers.
INSERT INTO related
SELECT b.record_id, s.record_id FROM b JOIN s USING (suite, name_key, customer_key)
WHERE b.code_key IS DISTINCT FROM s.code_key;

INSERT INTO related
SELECT b.record_id, s.record_id FROM b JOIN s USING (suite, name_key)
WHERE b.code_key IS DISTINCT FROM s.code_key AND b.customer_key IS NULL;

INSERT INTO related
SELECT b.record_id, s.record_id FROM b JOIN s USING (suite, name_key)
WHERE b.code_key IS DISTINCT FROM s.code_key AND b.customer_key IS NOT NULL AND s.customer_key IS NULL;

INSERT INTO related
SELECT b.record_id, s.record_id
FROM b JOIN s ON b.suite = s.suite AND b.id_body = s.id_body
WHERE b.code_key IS DISTINCT FROM s.code_key
  AND NOT coalesce(b.name_key = s.name_key, false)  -- two empty names equal nothing
  AND ids_equal(b.id_body, b.id_country, s.id_body, s.id_country);

INSERT INTO related
SELECT b.record_id, s.record_id
FROM b JOIN s ON b.suite = s.suite AND b.email_key = s.email_key
WHERE b.code_key IS DISTINCT FROM s.code_key
  AND NOT coalesce(b.name_key = s.name_key, false);  -- two empty names equal nothing

-- a table, not a view: with tens of thousands of similar names, DuckDB would join all records of both systems first
CREATE TEMP TABLE near_business AS
SELECT near.severa_name_key, b.* FROM checks.near AS near
JOIN b ON b.suite = near.suite AND b.name_key = near.business_name_key WHERE NOT b.excluded;

CREATE TEMP VIEW near_severa AS SELECT name_key AS severa_name_key, * FROM s WHERE active;

INSERT INTO related
WITH by_likeness AS (
    SELECT b, s FROM near_business AS b JOIN near_severa AS s USING (suite, severa_name_key, customer_key)
    UNION ALL
    SELECT b, s FROM near_business AS b JOIN near_severa AS s USING (suite, severa_name_key)
    WHERE b.customer_key IS NULL
    UNION ALL
    SELECT b, s FROM near_business AS b JOIN near_severa AS s USING (suite, severa_name_key)
    WHERE b.customer_key IS NOT NULL AND s.customer_key IS NULL
)
SELECT b.record_id, s.record_id FROM by_likeness
WHERE b.code_key IS DISTINCT FROM s.code_key
  AND NOT coalesce(ids_equal(b.id_body, b.id_country, s.id_body, s.id_country), false)
  AND NOT coalesce(b.email_key = s.email_key, false)
  AND NOT contradict(b, s);

-- feeds: name_contained
-- Names of customers of which all words, at least two, are in the other name: looked for by the rarest of the words.
CREATE TEMP TABLE customer_words AS
SELECT DISTINCT system, name_key, list_distinct(string_split(name_key, ' ')) AS words
FROM base WHERE suite = 'customers' AND name_key IS NOT NULL AND active AND NOT excluded;

CREATE TEMP TABLE words_of_customers AS
SELECT system, name_key, words, unnest(words) AS word FROM customer_words;

CREATE TEMP TABLE contained AS
WITH frequent AS (SELECT system, word, count(*) AS n FROM words_of_customers GROUP BY ALL),
-- the word of a shorter name that the fewest names of the other system have; without one of them, none holds it
rarest AS (
    SELECT w.system, w.name_key, w.words, arg_min(w.word, coalesce(f.n, 0)) AS word, min(coalesce(f.n, 0)) AS n
    FROM words_of_customers AS w
    LEFT JOIN frequent AS f ON f.system <> w.system AND f.word = w.word
    WHERE len(w.words) >= 2 GROUP BY ALL
),
held AS (
    SELECT r.system, r.name_key AS shorter, w.name_key AS longer
    FROM rarest AS r JOIN words_of_customers AS w ON w.system <> r.system AND w.word = r.word
    WHERE r.n > 0 AND r.name_key <> w.name_key AND list_has_all(w.words, r.words)
)
SELECT CASE system WHEN 'visma_business' THEN shorter ELSE longer END AS business_name_key,
       CASE system WHEN 'visma_business' THEN longer ELSE shorter END AS severa_name_key
FROM held GROUP BY ALL;

INSERT INTO related
SELECT b.record_id, s.record_id
FROM contained AS c
JOIN b ON b.suite = 'customers' AND b.name_key = c.business_name_key AND NOT b.excluded
JOIN s ON s.suite = 'customers' AND s.name_key = c.severa_name_key AND s.active
ANTI JOIN related AS r ON r.business_id = b.record_id AND r.severa_id = s.record_id
WHERE b.code_key IS DISTINCT FROM s.code_key AND NOT contradict(b, s);

INSERT INTO related
SELECT business_id, severa_id FROM confirmed ANTI JOIN related USING (business_id, severa_id) WHERE same;
