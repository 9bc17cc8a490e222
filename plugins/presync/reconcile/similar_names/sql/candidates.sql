-- Pairs that share a block and have nearly the same letters: names differ by at least as many letters as their signatures
-- differ in bits. Parameters: floor: the least similarity; portion, of portions: which names of Visma Business.
SELECT DISTINCT b.number AS business, s.number AS severa
FROM near_fitting AS b JOIN near_fitting AS s USING (block)
WHERE b.in_business AND s.in_severa AND b.number <> s.number AND b.number % $portions = $portion
  AND 100 * bit_count(xor(b.signature, s.signature))::INTEGER <= (100 - $floor) * (b.length + s.length)
