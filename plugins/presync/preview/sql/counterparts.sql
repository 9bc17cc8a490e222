-- counterparts: pairs of which each record is the most alike of the other.
CREATE TEMP TABLE counterparts AS
WITH open AS (
    FROM likely_pairs AS l
    ANTI JOIN (FROM checks.confirmed_pairs WHERE state = 'in force') AS c
        ON c.business_id = l.business_id AND c.severa_id = l.severa_id
),
ranked AS (
    SELECT *, row_number() OVER (PARTITION BY business_id ORDER BY likeness DESC, severa_id) AS place,
           row_number() OVER (PARTITION BY severa_id ORDER BY likeness DESC, business_id) AS other_place
    FROM open
)
SELECT r.business_id, r.severa_id, floor(r.likeness)::INTEGER AS likeness,
       -- as the rule has it: what a finding tells of already
       coalesce(p.live AND NOT p.codes_equal AND p.similarity >= 90, false) AS near_duplicate
FROM ranked AS r LEFT JOIN checks.pairs AS p ON p.business_id = r.business_id AND p.severa_id = r.severa_id
WHERE place = 1 AND other_place = 1;
