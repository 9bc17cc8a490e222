-- blocks: words under which names of both systems are compared, the smallest first; where a word is in too many names,
-- two words together. Parameter: effort, comparisons of signatures that each may cost.

CREATE OR REPLACE TEMP TABLE blocks AS
WITH alike AS (
    SELECT word_number AS business, word_number AS severa FROM open_words WHERE business_names > 0 AND severa_names > 0
    UNION
    SELECT n.business, n.severa FROM neighbours AS n
    JOIN open_words AS b ON b.word_number = n.business
    JOIN open_words AS s ON s.word_number = n.severa
    WHERE NOT (b.known AND s.known)  -- two words, none a misspelling of the other
),
sized AS (
    SELECT a.*, b.business_names * s.severa_names AS pairs
    FROM alike AS a
    JOIN open_words AS b ON b.word_number = a.business
    JOIN open_words AS s ON s.word_number = a.severa
)
SELECT *, sum(pairs) OVER (ORDER BY pairs, business, severa ROWS UNBOUNDED PRECEDING) <= $effort AS fits FROM sized;

-- with the signature in the row, no plan can begin by comparing every signature with every other
CREATE OR REPLACE TEMP TABLE signed_postings AS
SELECT p.*, s.signature FROM postings AS p JOIN open_signatures AS s USING (number);

CREATE OR REPLACE TEMP TABLE word_pairs AS
SELECT p.number, p.word AS one, q.word AS other, p.in_business, p.in_severa, p.signature
FROM signed_postings AS p JOIN signed_postings AS q ON q.number = p.number AND p.word < q.word
WHERE NOT p.joined AND NOT q.joined
  AND p.word IN (SELECT unnest([business, severa]) FROM blocks WHERE NOT fits)
  AND q.word IN (SELECT unnest([business, severa]) FROM blocks WHERE NOT fits);

CREATE OR REPLACE TEMP TABLE pair_blocks AS
WITH sizes AS (
    SELECT one, other, count(*) FILTER (in_business) AS in_business, count(*) FILTER (in_severa) AS in_severa
    FROM word_pairs GROUP BY ALL
),
large AS (SELECT business, severa FROM blocks WHERE NOT fits),
combined AS (
    SELECT a.one, a.other, least(l.severa, m.severa) AS severa_one, greatest(l.severa, m.severa) AS severa_other,
           a.in_business
    FROM sizes AS a JOIN large AS l ON l.business = a.one JOIN large AS m ON m.business = a.other
    WHERE a.in_business > 0
),
sized AS (
    SELECT DISTINCT c.one, c.other, c.severa_one, c.severa_other, c.in_business * b.in_severa AS pairs
    FROM combined AS c JOIN sizes AS b ON b.one = c.severa_one AND b.other = c.severa_other
    WHERE b.in_severa > 0
)
SELECT *, sum(pairs) OVER (ORDER BY pairs, one, other, severa_one, severa_other ROWS UNBOUNDED PRECEDING)
    <= $effort AS fits
FROM sized;
