-- The score from which on pairs have the best F1: precision over everything found, recall over the required changes.
-- Parameters: required, extra: the planted changes.
WITH counted AS (
    SELECT score,
           count(*) FILTER (list_contains($required, kind)) AS required,
           count(*) FILTER (list_contains($required, kind) OR list_contains($extra, kind)) AS planted,
           count(*) AS found
    FROM judged GROUP BY score
),
summed AS (
    SELECT score, sum(planted) OVER scores / sum(found) OVER scores AS precision,
           sum(required) OVER scores
               / (SELECT count(*) FROM customers WHERE list_contains($required, kind)) AS recall
    FROM counted WINDOW scores AS (ORDER BY score DESC)
)
SELECT score FROM summed ORDER BY 2 * precision * recall / greatest(precision + recall, 1e-9) DESC, score DESC LIMIT 1
