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

-- every pair of words twice, so that either can be the one that is misspelled
CREATE OR REPLACE TEMP TABLE pair_sizes AS
WITH sizes AS (
    SELECT one, other, count(*) FILTER (in_business) AS in_business, count(*) FILTER (in_severa) AS in_severa
    FROM word_pairs GROUP BY ALL
)
SELECT one AS word, other AS beside, in_business, in_severa FROM sizes
UNION ALL
SELECT other, one, in_business, in_severa FROM sizes;

-- One of the two words is the same on both sides. Begun with the rarer one of the others: hundreds of misspellings of a
-- common word would else meet all of its names.
CREATE OR REPLACE TEMP TABLE pair_blocks AS
WITH misspelled AS (
    SELECT k.business, k.severa, b.business_names <= s.severa_names AS rarer_in_business
    FROM blocks AS k
    JOIN open_words AS b ON b.word_number = k.business
    JOIN open_words AS s ON s.word_number = k.severa
    WHERE NOT k.fits AND k.business <> k.severa
),
combined AS (
    SELECT word AS business, word AS severa, beside, in_business * in_severa AS pairs
    FROM pair_sizes WHERE word < beside AND in_business > 0 AND in_severa > 0
    UNION ALL
    SELECT k.business, k.severa, a.beside, a.in_business * b.in_severa
    FROM misspelled AS k
    JOIN pair_sizes AS a ON a.word = k.business AND a.in_business > 0
    JOIN pair_sizes AS b ON b.word = k.severa AND b.beside = a.beside AND b.in_severa > 0
    WHERE k.rarer_in_business
    UNION ALL
    SELECT k.business, k.severa, b.beside, a.in_business * b.in_severa
    FROM misspelled AS k
    JOIN pair_sizes AS b ON b.word = k.severa AND b.in_severa > 0
    JOIN pair_sizes AS a ON a.word = k.business AND a.beside = b.beside AND a.in_business > 0
    WHERE NOT k.rarer_in_business
),
sized AS (
    SELECT least(business, beside) AS one, greatest(business, beside) AS other,
           least(severa, beside) AS severa_one, greatest(severa, beside) AS severa_other, pairs
    FROM combined
)
SELECT *, sum(pairs) OVER (ORDER BY pairs, one, other, severa_one, severa_other ROWS UNBOUNDED PRECEDING)
    <= $effort AS fits
FROM sized;
