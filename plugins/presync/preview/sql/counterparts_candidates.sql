-- Open names that share a block and have nearly the same letters. A pair may be there twice.
-- Parameters: portions, portion: of the names of Visma Business; letters: bits in which signatures may differ.
SELECT p.number AS business, q.number AS severa
FROM blocks AS k
JOIN signed_postings AS p ON p.word = k.business AND p.in_business
JOIN signed_postings AS q ON q.word = k.severa AND q.in_severa
WHERE k.fits AND p.number % $portions = $portion AND p.number <> q.number AND NOT (p.joined AND q.joined)
  AND bit_count(xor(p.signature, q.signature)) <= $letters
UNION
SELECT p.number, q.number
FROM pair_blocks AS k
JOIN word_pairs AS p ON p.one = k.one AND p.other = k.other AND p.in_business
JOIN word_pairs AS q ON q.one = k.severa_one AND q.other = k.severa_other AND q.in_severa
WHERE k.fits AND p.number % $portions = $portion AND p.number <> q.number
  AND bit_count(xor(p.signature, q.signature)) <= $letters;
