-- checks.pairs: how the two records of each related pair stand to each other.
-- relation: same | alike | unlike | contradicting (docs/rules.md, *Words*); similarity 0 to 100.

CREATE TEMP TABLE compared AS
WITH facts AS (
    SELECT r.business_id, r.severa_id, b.suite, s.register,
           b.code_key AS business_code_key, s.code_key AS severa_code_key,
           b.name_key AS business_name_key, s.name_key AS severa_name_key,
           coalesce(b.code_key = s.code_key, false) AS codes_equal,
           -- what a person says of a pair takes the place of names, ids and addresses
           coalesce(b.name_key = s.name_key, false) AND c.same IS DISTINCT FROM false AS names_equal,
           CASE WHEN c.same IS NOT NULL THEN 'unknown'
                WHEN b.id_body IS NULL OR s.id_body IS NULL THEN 'unknown'
                WHEN ids_equal(b.id_body, b.id_country, s.id_body, s.id_country) THEN 'equal'
                ELSE 'different' END AS ids,
           coalesce(b.email_key = s.email_key, false) AS emails_equal,
           contradict(b, s) AND c.same IS NULL AS contradicting, c.same AS confirmed_same,
           b.excluded AS business_excluded, s.active AS severa_active
    FROM related AS r
    JOIN base AS b ON b.record_id = r.business_id
    JOIN base AS s ON s.record_id = r.severa_id
    LEFT JOIN confirmed AS c ON c.business_id = r.business_id AND c.severa_id = r.severa_id
),
judged AS (
    SELECT *, coalesce(confirmed_same,
                       NOT contradicting AND (names_equal OR ids = 'equal' OR emails_equal)) AS same,
           confirmed_same IS NULL AND business_name_key IS NOT NULL AND severa_name_key IS NOT NULL AS named
    FROM facts
),
scored AS (
    -- equal codes under different names: the only pairs whose likeness is not known yet
    SELECT *, CASE WHEN same OR contradicting OR NOT named THEN 0.0
                   ELSE token_sort_ratio(business_name_key, severa_name_key) END AS similarity
    FROM judged
)
SELECT * EXCLUDE (same, named, contradicting, emails_equal, business_name_key, severa_name_key, confirmed_same),
       CASE WHEN contradicting THEN 'contradicting'
            WHEN same THEN 'same'
            WHEN named AND (
                similarity >= 90
                OR list_has_all(string_split(business_name_key, ' '), string_split(severa_name_key, ' '))
                OR list_has_all(string_split(severa_name_key, ' '), string_split(business_name_key, ' ')))
            THEN 'alike' ELSE 'unlike' END AS relation,
       CASE confirmed_same WHEN true THEN 'same' WHEN false THEN 'different' END AS confirmed
FROM scored;

-- Partners: equal codes, and same or alike. The record is correctly set up on both sides.
CREATE TEMP TABLE partnered AS
SELECT DISTINCT unnest([business_id, severa_id]) AS record_id
FROM compared WHERE codes_equal AND relation IN ('same', 'alike');

-- A pair that a person chose although its codes differ: its records are taken, so no other pair comes into question
-- for them, but the pair itself must still get equal codes.
CREATE TEMP TABLE chosen AS
SELECT business_id, severa_id FROM compared
WHERE confirmed = 'same' AND NOT codes_equal AND NOT business_excluded AND severa_active;

CREATE TEMP TABLE linked AS
SELECT record_id FROM partnered
UNION SELECT unnest([business_id, severa_id]) FROM chosen;

CREATE TABLE checks.pairs AS
WITH partnership AS (
    SELECT c.*, NOT c.business_excluded AND c.severa_active AS live,
           c.severa_code_key IS NOT NULL AS severa_has_code,
           c.codes_equal AND c.relation IN ('same', 'alike') AS partners,
           chosen.business_id IS NOT NULL AS is_chosen,
           lb.record_id IS NOT NULL AND NOT is_chosen AS business_has_partner,
           ls.record_id IS NOT NULL AND NOT is_chosen AS severa_has_partner
    FROM compared AS c
    LEFT JOIN linked AS lb ON lb.record_id = c.business_id
    LEFT JOIN linked AS ls ON ls.record_id = c.severa_id
    LEFT JOIN chosen ON chosen.business_id = c.business_id AND chosen.severa_id = c.severa_id
),
-- pairs that should be linked and are not; where a record is in several, a person must say which is meant
unlinked AS (
    SELECT business_id, severa_id FROM partnership
    WHERE live AND relation = 'same' AND NOT codes_equal AND NOT business_has_partner AND NOT severa_has_partner
      AND NOT is_chosen
),
choices AS (
    SELECT u.business_id, u.severa_id, greatest(b.n, s.n) AS n
    FROM unlinked AS u
    JOIN (SELECT business_id, count(*) AS n FROM unlinked GROUP BY ALL) AS b USING (business_id)
    JOIN (SELECT severa_id, count(*) AS n FROM unlinked GROUP BY ALL) AS s USING (severa_id)
)
SELECT p.* EXCLUDE (is_chosen), business_has_partner OR severa_has_partner AS has_linked_copy,
       CASE WHEN is_chosen THEN 1 ELSE coalesce(choices.n, 0) END AS choices
FROM partnership AS p LEFT JOIN choices USING (business_id, severa_id);
