-- near_fitting: names and the blocks by which they are compared. A block is a word, or all words but one; where too many
-- share it, it is divided by the first and by the last two letters of the other word.
-- Parameter: effort: the comparisons that whole blocks are worth, and divided ones again.

-- a row per name and word left out; where there are two words, the rest is the other one
CREATE TEMP TABLE near_rests AS
SELECT number, in_business, in_severa, words[place] AS word, len(words) AS words,
       hash(list_concat(words[1 : place - 1], words[place + 1 :])) AS rest
FROM (SELECT *, unnest(generate_series(1, len(words))) AS place
      FROM (SELECT * REPLACE (string_split(words, ' ') AS words) FROM near_names));

CREATE TEMP TABLE near_blocks AS
SELECT number, in_business, in_severa, hash([word]) AS block, true AS whole FROM near_rests
UNION
SELECT number, in_business, in_severa, rest, true FROM near_rests WHERE words <> 2
UNION
-- a name of which another one has a word more
SELECT number, in_business, in_severa, hash(string_split(words, ' ')), true FROM near_names;

-- from the smallest up, as long as the effort lasts; a word that half of the names share tells nothing
CREATE TEMP TABLE near_sizes AS
SELECT block, comparisons, true AS whole,
       sum(comparisons) OVER (ORDER BY comparisons, block) <= $effort AS fits
FROM (SELECT block, count(*) FILTER (in_business) * count(*) FILTER (in_severa) AS comparisons
      FROM near_blocks GROUP BY block)
WHERE comparisons > 0;

INSERT INTO near_blocks
SELECT DISTINCT number, in_business, in_severa,
       unnest([hash(rest, '<', left(word, 2)), hash(rest, '>', right(word, 2))]), false
FROM near_rests SEMI JOIN (SELECT block AS rest FROM near_sizes WHERE NOT fits) USING (rest);

INSERT INTO near_sizes
SELECT block, comparisons, false,
       sum(comparisons) OVER (ORDER BY comparisons, block) <= $effort
FROM (SELECT block, count(*) FILTER (in_business) * count(*) FILTER (in_severa) AS comparisons
      FROM near_blocks WHERE NOT whole GROUP BY block)
WHERE comparisons > 0;

-- what is worth joining, each name with what its similarity can be told from
CREATE TEMP TABLE near_fitting AS
SELECT number, in_business, in_severa, block, signature, length
FROM near_blocks
SEMI JOIN (SELECT block FROM near_sizes WHERE fits) USING (block)
JOIN near_signatures USING (number) JOIN (SELECT number, length FROM near_names) USING (number);
