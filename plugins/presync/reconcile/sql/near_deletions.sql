-- Pairs that differ by few letters, the first one of Visma Business, the second one of Severa.
SELECT c.business, c.severa, b.words AS business_words, s.words AS severa_words
FROM (SELECT DISTINCT business, severa FROM near_candidates) AS c
JOIN near_names AS b ON b.number = c.business AND b.in_business
JOIN near_names AS s ON s.number = c.severa AND s.in_severa
