-- The records that bear alike names, unless they contradict or a person says that they are different.
-- Parameters: suite; most: records of one name and customer on a side; where there are more, nobody can tell which.
CREATE OR REPLACE TEMP TABLE bearers AS
SELECT n.number, r.*, count(*) OVER (PARTITION BY n.number, r.system, r.customer_key) AS bearers
FROM open_records AS r JOIN open_names AS n USING (name_key) WHERE r.suite = $suite;

INSERT INTO likely_pairs
WITH b AS (FROM bearers WHERE system = 'visma_business' AND bearers <= $most),
s AS (FROM bearers WHERE system = 'severa' AND bearers <= $most),
met AS (
    SELECT b, s, h.likeness FROM name_hits AS h JOIN b ON b.number = h.business JOIN s ON s.number = h.severa
    WHERE b.customer_key = s.customer_key
    UNION ALL
    SELECT b, s, h.likeness FROM name_hits AS h JOIN b ON b.number = h.business JOIN s ON s.number = h.severa
    WHERE b.customer_key IS NULL
    UNION ALL
    SELECT b, s, h.likeness FROM name_hits AS h JOIN b ON b.number = h.business JOIN s ON s.number = h.severa
    WHERE b.customer_key IS NOT NULL AND s.customer_key IS NULL
)
SELECT b.record_id, s.record_id, likeness FROM met
WHERE NOT ids_differ(b.id_body, b.id_country, s.id_body, s.id_country);
