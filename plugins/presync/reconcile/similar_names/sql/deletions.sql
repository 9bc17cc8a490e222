-- Pairs that differ by few letters. Parameters: portion, of portions: which names of Visma Business.
SELECT DISTINCT business, severa FROM near_candidates WHERE business % $portions = $portion
