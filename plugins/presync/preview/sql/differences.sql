-- In how many links a field differs, and whose value is kept there. A link is counted at its Severa end.
WITH fields AS (
    SELECT suite, wins, unnest(string_split(fields, ';')) AS field
    FROM differences JOIN outcomes USING (record_id) WHERE system = 'severa'
)
SELECT suite AS entity, field, wins, count(*) AS links FROM fields GROUP BY ALL ORDER BY ALL;
