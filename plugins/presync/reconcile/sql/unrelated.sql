-- checks.systems.related, where no customers are related by anything that a rule looks for: by the names of all customers,
-- excluded and inactive ones, too.
-- feeds: systems_unrelated

CREATE TEMP TABLE all_names AS
SELECT DISTINCT system, name_key, list_distinct(string_split(name_key, ' ')) AS words,
       array_to_string(list_sort(string_split(name_key, ' ')), ' ') AS sorted_words,
       folded_first(name_key) AS folded_first, folded_second(name_key) AS folded_second
FROM base WHERE suite = 'customers' AND name_key IS NOT NULL;

CREATE TEMP TABLE all_words AS SELECT system, name_key, words, unnest(words) AS word FROM all_names;

-- by the rarest word of the shorter name
CREATE TEMP TABLE holding AS
WITH frequent AS (SELECT system, word, count(*) AS n FROM all_words GROUP BY ALL),
rarest AS (
    SELECT w.system, w.name_key, w.words, arg_min(w.word, coalesce(f.n, 0)) AS word
    FROM all_words AS w LEFT JOIN frequent AS f ON f.system <> w.system AND f.word = w.word
    GROUP BY ALL
)
SELECT r.name_key AS one, w.name_key AS other, r.system
FROM rarest AS r JOIN all_words AS w ON w.system <> r.system AND w.word = r.word
WHERE list_has_all(w.words, r.words);

CREATE TEMP TABLE alike_names AS
SELECT CASE system WHEN 'visma_business' THEN one ELSE other END AS business_name_key,
       CASE system WHEN 'visma_business' THEN other ELSE one END AS severa_name_key
FROM holding
UNION
SELECT b.name_key, s.name_key FROM all_names AS b JOIN all_names AS s
    ON list_has_any([b.folded_first, b.folded_second], [s.folded_first, s.folded_second])
WHERE b.system = 'visma_business' AND s.system = 'severa'
UNION
SELECT b.name_key, s.name_key FROM all_names AS b JOIN all_names AS s
    ON length(s.sorted_words) BETWEEN length(b.sorted_words) * 9 // 11 AND length(b.sorted_words) * 11 // 9 + 1
WHERE b.system = 'visma_business' AND s.system = 'severa'
  AND token_sort_ratio(b.name_key, s.name_key) >= 90;

UPDATE checks.systems SET related = EXISTS (
    FROM base AS b JOIN alike_names AS a ON a.business_name_key = b.name_key
    JOIN base AS s ON s.name_key = a.severa_name_key
    WHERE b.suite = 'customers' AND s.suite = 'customers' AND b.system = 'visma_business' AND s.system = 'severa'
      AND NOT ids_differ(b.id_body, b.id_country, s.id_body, s.id_country)
      AND NOT EXISTS (FROM confirmed AS c WHERE c.business_id = b.record_id AND c.severa_id = s.record_id AND NOT c.same)
) OR EXISTS (
    FROM base AS b JOIN base AS s ON b.id_body = s.id_body
    WHERE b.suite = 'customers' AND s.suite = 'customers' AND b.system = 'visma_business' AND s.system = 'severa'
      AND ids_equal(b.id_body, b.id_country, s.id_body, s.id_country) AND NOT b.id_shared AND NOT s.id_shared
);
