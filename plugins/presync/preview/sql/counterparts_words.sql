-- The open names of one entity, and their words. Parameter: suite.

CREATE OR REPLACE TEMP TABLE open_names AS
SELECT row_number() OVER (ORDER BY name_key) - 1 AS number, name_key, folded(name_key) AS text, replace(text, ' ', '') AS letters,
       bool_or(system = 'visma_business') AS in_business, bool_or(system = 'severa') AS in_severa
FROM open_records WHERE suite = $suite GROUP BY name_key
HAVING letters <> '';  -- of marks alone, nothing is left

-- In how many names of each system a word is: every name of the entity counts, linked ones too.
CREATE OR REPLACE TEMP TABLE word_counts AS
WITH raw AS (
    SELECT system, unnest(string_split(name_key, ' ')) AS word FROM checks.records
    WHERE suite = $suite AND name_key IS NOT NULL
),
counted AS (SELECT word, system, count(*) AS names FROM raw GROUP BY ALL)
SELECT folded(word) AS word, coalesce(sum(names) FILTER (system = 'visma_business'), 0)::BIGINT AS in_business,
       coalesce(sum(names) FILTER (system = 'severa'), 0)::BIGINT AS in_severa
FROM counted GROUP BY ALL;

-- Which open names have a word; two neighbours also count as one, so that a joined name meets the split one.
CREATE OR REPLACE TEMP TABLE spellings AS
WITH words AS (SELECT number, string_split(text, ' ') AS words FROM open_names),
every AS (
    SELECT number, unnest(words) AS word, false AS joined FROM words
    UNION ALL
    SELECT number, unnest(list_transform(range(1, len(words)), lambda n: words[n] || words[n + 1])), true
    FROM words WHERE len(words) > 1
)
SELECT number, word, bool_and(joined) AS joined FROM every WHERE word <> '' GROUP BY ALL;

CREATE OR REPLACE TEMP TABLE open_words AS
SELECT row_number() OVER (ORDER BY word) - 1 AS word_number, word, length(word) AS length,
       count(*) FILTER (n.in_business) AS business_names, count(*) FILTER (n.in_severa) AS severa_names,
       coalesce(least(any_value(c.in_business), any_value(c.in_severa)), 0) > 0 AS known
FROM spellings AS s JOIN open_names AS n USING (number) LEFT JOIN word_counts AS c USING (word)
GROUP BY word;

CREATE OR REPLACE TEMP TABLE postings AS
SELECT s.number, w.word_number AS word, s.joined, n.in_business, n.in_severa
FROM spellings AS s JOIN open_words AS w USING (word) JOIN open_names AS n USING (number);

DROP TABLE spellings;

-- words of Visma Business and of Severa that differ by few letters; found in Python
CREATE OR REPLACE TEMP TABLE neighbours (business BIGINT, severa BIGINT);
CREATE OR REPLACE TEMP TABLE open_signatures (number BIGINT, signature UBIGINT);
