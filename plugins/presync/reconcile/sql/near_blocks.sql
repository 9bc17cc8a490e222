-- Similar names of one entity, where comparing all of them would take too long: only names that share a block are
-- compared. A block is a word, or the beginning or the end of the sorted words.
-- Parameters: suite; block: the most comparisons that one block is worth (a word that thousands of names share
-- tells nothing); floor: the least similarity.

INSERT INTO checks.near
WITH names AS MATERIALIZED (
    SELECT DISTINCT system, name_key, list_sort(string_split(name_key, ' ')) AS words
    FROM checks.base
    WHERE suite = $suite AND name_key IS NOT NULL AND active AND NOT excluded
),
blocks AS MATERIALIZED (
    SELECT system, name_key, unnest(list_distinct(list_concat(
        words, ['<' || left(array_to_string(words, ''), 6), '>' || right(array_to_string(words, ''), 6)]
    ))) AS block
    FROM names
),
-- chosen before names are joined: a join that met the large blocks first would compare everything with everything
small_blocks AS MATERIALIZED (
    SELECT block FROM blocks GROUP BY block
    HAVING count(*) FILTER (system = 'visma_business') * count(*) FILTER (system = 'severa') BETWEEN 1 AND $block
),
small AS MATERIALIZED (SELECT blocks.* FROM blocks SEMI JOIN small_blocks USING (block)),
candidates AS MATERIALIZED (
    SELECT DISTINCT l.name_key AS business_name_key, r.name_key AS severa_name_key
    FROM small AS l JOIN small AS r USING (block)
    WHERE l.system = 'visma_business' AND r.system = 'severa' AND l.name_key <> r.name_key
      AND length(l.name_key) * (200 - $floor) >= length(r.name_key) * $floor
      AND length(r.name_key) * (200 - $floor) >= length(l.name_key) * $floor
)
SELECT $suite, business_name_key, severa_name_key FROM candidates
WHERE token_sort_ratio(business_name_key, severa_name_key) >= $floor
