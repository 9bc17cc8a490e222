-- checks.pairs: how the two records of each related pair stand to each other.
-- relation: same | alike | unlike | contradicting (docs/rules.md, *Words*); similarity 0 to 100.

CREATE TABLE checks.compared AS
WITH facts AS (
    SELECT r.business_id, r.severa_id, b.suite, s.register,
           b.code_key AS business_code_key, s.code_key AS severa_code_key,
           b.name_key AS business_name_key, s.name_key AS severa_name_key,
           coalesce(b.code_key = s.code_key, false) AS codes_equal,
           coalesce(b.name_key = s.name_key, false) AS names_equal,
           CASE WHEN b.id_body IS NULL OR s.id_body IS NULL THEN 'unknown'
                WHEN ids_equal(b.id_body, b.id_country, s.id_body, s.id_country) THEN 'equal'
                ELSE 'different' END AS ids,
           coalesce(b.email_key = s.email_key, false) AS emails_equal,
           contradict(b, s) AS contradicting,
           b.excluded AS business_excluded, s.active AS severa_active
    FROM checks.related AS r
    JOIN checks.base AS b ON b.record_id = r.business_id
    JOIN checks.base AS s ON s.record_id = r.severa_id
),
judged AS (
    SELECT *, NOT contradicting AND (names_equal OR ids = 'equal' OR emails_equal) AS same,
           business_name_key IS NOT NULL AND severa_name_key IS NOT NULL AS named
    FROM facts
),
scored AS (
    -- equal codes under different names: the only pairs whose likeness is not known yet
    SELECT *, CASE WHEN same OR contradicting OR NOT named THEN 0.0
                   ELSE token_sort_ratio(business_name_key, severa_name_key) END AS similarity
    FROM judged
)
SELECT * EXCLUDE (same, named, contradicting, emails_equal, business_name_key, severa_name_key),
       CASE WHEN contradicting THEN 'contradicting'
            WHEN same THEN 'same'
            WHEN named AND (
                similarity >= 90
                OR list_has_all(string_split(business_name_key, ' '), string_split(severa_name_key, ' '))
                OR list_has_all(string_split(severa_name_key, ' '), string_split(business_name_key, ' ')))
            THEN 'alike' ELSE 'unlike' END AS relation
FROM scored;

-- Partners: equal codes, and same or alike. The record is correctly set up on both sides.
CREATE TABLE checks.partnered AS
SELECT DISTINCT unnest([business_id, severa_id]) AS record_id
FROM checks.compared WHERE codes_equal AND relation IN ('same', 'alike');

CREATE TABLE checks.pairs AS
WITH partnership AS (
    SELECT c.*, NOT c.business_excluded AND c.severa_active AS live,
           c.severa_code_key IS NOT NULL AS severa_has_code,
           c.codes_equal AND c.relation IN ('same', 'alike') AS partners,
           pb.record_id IS NOT NULL AS business_has_partner,
           ps.record_id IS NOT NULL AS severa_has_partner
    FROM checks.compared AS c
    LEFT JOIN checks.partnered AS pb ON pb.record_id = c.business_id
    LEFT JOIN checks.partnered AS ps ON ps.record_id = c.severa_id
),
-- pairs that should be linked and are not; where a record is in several, a person must say which is meant
unlinked AS (
    SELECT business_id, severa_id FROM partnership
    WHERE live AND relation = 'same' AND NOT codes_equal AND NOT business_has_partner AND NOT severa_has_partner
),
choices AS (
    SELECT u.business_id, u.severa_id, greatest(b.n, s.n) AS n
    FROM unlinked AS u
    JOIN (SELECT business_id, count(*) AS n FROM unlinked GROUP BY ALL) AS b USING (business_id)
    JOIN (SELECT severa_id, count(*) AS n FROM unlinked GROUP BY ALL) AS s USING (severa_id)
)
SELECT p.*, business_has_partner OR severa_has_partner AS has_linked_copy, coalesce(choices.n, 0) AS choices
FROM partnership AS p LEFT JOIN choices USING (business_id, severa_id);
