-- The names of one entity, for looking for similar ones in parts: near_keys has every name key and the number of its
-- sorted words, near_names the sorted words, each once. Parameter: suite.

CREATE TEMP TABLE near_keys AS
WITH keys AS (
    SELECT DISTINCT system, name_key FROM checks.base
    WHERE suite = $suite AND name_key IS NOT NULL AND active AND NOT excluded
)
SELECT system, name_key,
       dense_rank() OVER (ORDER BY array_to_string(list_sort(string_split(name_key, ' ')), ' ')) - 1 AS number
FROM keys;

CREATE TEMP TABLE near_names AS
SELECT number, array_to_string(list_sort(string_split(any_value(name_key), ' ')), ' ') AS words,
       length(words) AS length,
       bool_or(system = 'visma_business') AS in_business, bool_or(system = 'severa') AS in_severa
FROM near_keys GROUP BY number;

CREATE TEMP TABLE near_signatures (number BIGINT, signature UBIGINT);

-- pairs of numbers that differ by few letters; a pair may be there more than once
CREATE TEMP TABLE near_candidates (business BIGINT, severa BIGINT);

-- pairs of numbers that are similar
CREATE TEMP TABLE near_hits (business BIGINT, severa BIGINT);
