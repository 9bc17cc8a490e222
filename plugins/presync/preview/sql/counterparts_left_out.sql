-- How many open names of Visma Business have only words, and pairs of words, that are too common to compare them all;
-- or are those of too many records.
WITH compared AS (
    SELECT p.number FROM postings AS p JOIN blocks AS k ON k.business = p.word WHERE k.fits
    UNION
    SELECT p.number FROM word_pairs AS p JOIN pair_blocks AS k ON k.one = p.one AND k.other = p.other WHERE k.fits
),
met AS (
    SELECT number FROM postings AS p JOIN blocks AS k ON k.business = p.word WHERE p.in_business AND NOT k.fits
),
crowded AS (
    SELECT h.business AS number FROM name_hits AS h JOIN bearers AS b ON b.number IN (h.business, h.severa)
    WHERE b.bearers > $most
)
SELECT count(*) FROM (SELECT number FROM met EXCEPT SELECT number FROM compared UNION SELECT number FROM crowded);
