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
-- Each name once, whichever systems have it, and words as numbers: most names are in both.
CREATE TEMP TABLE names_of_customers AS
SELECT name_key, bool_or(system = 'visma_business') AS in_business, bool_or(system = 'severa') AS in_severa
FROM base WHERE suite = 'customers' AND name_key IS NOT NULL AND active AND NOT excluded GROUP BY ALL;

CREATE TEMP TABLE words_of_names AS
WITH written AS (
    SELECT rowid AS name_id, in_business, in_severa, unnest(list_distinct(string_split(name_key, ' '))) AS word
    FROM names_of_customers
),
frequent AS (
    SELECT word, row_number() OVER () AS word_id, count(*) FILTER (in_business) AS business_names,
           count(*) FILTER (in_severa) AS severa_names
    FROM written GROUP BY word
)
SELECT name_id, word_id, in_business, in_severa, business_names, severa_names
FROM written JOIN frequent USING (word);

-- Of each system's other names, how many have the rarest word; without one, none holds this name.
CREATE TEMP TABLE rarest_words AS
SELECT name_id, bool_or(in_business) AS in_business, bool_or(in_severa) AS in_severa, list(word_id) AS words,
       arg_min(word_id, business_names) AS rarest_in_business,
       min(business_names) - bool_or(in_business)::INTEGER AS other_business_names,
       arg_min(word_id, severa_names) AS rarest_in_severa,
       min(severa_names) - bool_or(in_severa)::INTEGER AS other_severa_names
FROM words_of_names GROUP BY name_id;

CREATE TEMP TABLE contained AS
WITH shorter AS (
    SELECT name_id, words, rarest_in_severa AS word_id, true AS of_business FROM rarest_words
    WHERE in_business AND other_severa_names > 0 AND len(words) >= 2
    UNION ALL
    SELECT name_id, words, rarest_in_business, false FROM rarest_words
    WHERE in_severa AND other_business_names > 0 AND len(words) >= 2
),
held AS (
    SELECT DISTINCT CASE WHEN of_business THEN shorter.name_id ELSE longer.name_id END AS business,
                    CASE WHEN of_business THEN longer.name_id ELSE shorter.name_id END AS severa
    FROM shorter JOIN words_of_names AS w USING (word_id) JOIN rarest_words AS longer ON longer.name_id = w.name_id
    WHERE w.name_id <> shorter.name_id AND CASE WHEN of_business THEN w.in_severa ELSE w.in_business END
      AND list_has_all(longer.words, shorter.words)
)
SELECT b.name_key AS business_name_key, s.name_key AS severa_name_key
FROM held JOIN names_of_customers AS b ON b.rowid = business JOIN names_of_customers AS s ON s.rowid = severa;

INSERT INTO related
SELECT b.record_id, s.record_id
FROM contained AS c
JOIN b ON b.suite = 'customers' AND b.name_key = c.business_name_key AND NOT b.excluded
JOIN s ON s.suite = 'customers' AND s.name_key = c.severa_name_key AND s.active
ANTI JOIN related AS r ON r.business_id = b.record_id AND r.severa_id = s.record_id
WHERE b.code_key IS DISTINCT FROM s.code_key AND NOT contradict(b, s);

INSERT INTO related
SELECT business_id, severa_id FROM confirmed ANTI JOIN related USING (business_id, severa_id) WHERE same;
