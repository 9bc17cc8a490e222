-- checks.pairs: how the two records of each related pair stand to each other.
-- relation: same | alike | unlike | contradicting (docs/rules.md, *Words*); similarity 0 to 100.

CREATE TEMP TABLE compared AS
WITH facts AS (
    SELECT r.business_id, r.severa_id, b.suite, s.register,
           b.code_key AS business_code_key, s.code_key AS severa_code_key,
           b.name_key AS business_name_key, s.name_key AS severa_name_key,
           coalesce(b.code_key = s.code_key, false) AS codes_equal,
           -- what a person says of a pair takes the place of names, ids and addresses
           -- feeds: same_name_other_id
           coalesce(b.name_key = s.name_key, false) AND c.same IS DISTINCT FROM false AS names_equal,
           -- feeds: name_differs
           b.name_key IS DISTINCT FROM s.name_key AND c.same IS NULL AS names_differ,
           CASE WHEN c.same IS NOT NULL OR b.id_body IS NULL OR s.id_body IS NULL THEN 'unknown'
                WHEN ids_equal(b.id_body, b.id_country, s.id_body, s.id_country) THEN 'equal'
                WHEN ids_differ(b.id_body, b.id_country, s.id_body, s.id_country) THEN 'different'
                ELSE 'unknown' END AS ids,
           b.id_shared OR s.id_shared AS ids_shared,
           -- what is certain of equal names is not worked out: most pairs have them
           CASE WHEN names_equal THEN true
                ELSE folded_first(b.name_key) IN (folded_first(s.name_key), folded_second(s.name_key))
                  OR folded_second(b.name_key) IN (folded_first(s.name_key), folded_second(s.name_key)) END AS folded_equal,
           -- two people may share a mailbox that only one of them has in each system: their names must have something
           -- in common
           CASE WHEN b.email_key = s.email_key THEN
               b.name_key IS NULL OR s.name_key IS NULL
               OR list_has_any(string_split(folded_first(b.name_key) || ' ' || folded_second(b.name_key), ' '),
                               string_split(folded_first(s.name_key) || ' ' || folded_second(s.name_key), ' '))
               ELSE false END AS emails_equal,
           contradict(b, s) AND c.same IS NULL AS contradicting, c.same AS confirmed_same,
           b.excluded AS business_excluded, s.active AS severa_active
    FROM related AS r
    JOIN base AS b ON b.record_id = r.business_id
    JOIN base AS s ON s.record_id = r.severa_id
    LEFT JOIN confirmed AS c ON c.business_id = r.business_id AND c.severa_id = r.severa_id
),
judged AS (
    SELECT *, coalesce(confirmed_same,
                       NOT contradicting AND (names_equal OR (ids = 'equal' AND NOT ids_shared) OR emails_equal)) AS same,
           confirmed_same IS NULL AND business_name_key IS NOT NULL AND severa_name_key IS NOT NULL AS named
    FROM facts
),
scored AS (
    -- names that differ only by how letters such as ø and å are written are as similar as names can be
    SELECT *, CASE WHEN same OR contradicting OR NOT named THEN 0.0
                   WHEN folded_equal THEN 100.0
                   ELSE token_sort_ratio(business_name_key, severa_name_key) END AS similarity,
           CASE WHEN named AND NOT names_equal THEN
               list_has_all(string_split(business_name_key, ' '), string_split(severa_name_key, ' '))
               OR list_has_all(string_split(severa_name_key, ' '), string_split(business_name_key, ' '))
               ELSE false END AS contained,
           CASE WHEN named AND NOT names_equal THEN least(len(list_distinct(string_split(business_name_key, ' '))),
                                      len(list_distinct(string_split(severa_name_key, ' ')))) ELSE 0 END AS words
    FROM judged
)
SELECT * EXCLUDE (same, named, contradicting, emails_equal, business_name_key, severa_name_key, confirmed_same,
                  folded_equal, contained, words),
       -- feeds: code_conflict, code_shared, inactive_twin, excluded_but_in_severa, near_duplicate
       CASE WHEN contradicting THEN 'contradicting'
            WHEN same THEN 'same'
            WHEN named AND (similarity >= 90 OR contained) THEN 'alike' ELSE 'unlike' END AS relation,
       -- also where ids or customers speak against it: then a person must find out, and nothing is proposed
       names_equal OR (named AND (contained OR CASE WHEN contradicting THEN folded_equal
           OR token_sort_ratio(business_name_key, severa_name_key) >= 90 ELSE similarity >= 90 END)) AS names_alike,
       -- feeds: name_contained
       suite = 'customers' AND relation = 'alike' AND similarity < 90 AND ids <> 'equal' AND words >= 2 AS name_contained,
       CASE confirmed_same WHEN true THEN 'same' WHEN false THEN 'different' END AS confirmed
FROM scored;

-- Partners: equal codes, and same or alike. The record is correctly set up on both sides.
CREATE TEMP TABLE partnered AS
SELECT DISTINCT unnest([business_id, severa_id]) AS record_id
FROM compared WHERE codes_equal AND relation IN ('same', 'alike');

-- A pair that a person chose although its codes differ: its records are taken, so no other pair is considered
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
in_same_pair AS (
    SELECT DISTINCT unnest([business_id, severa_id]) AS record_id FROM partnership WHERE live AND relation = 'same'
),
choices AS (
    SELECT u.business_id, u.severa_id, greatest(b.n, s.n) AS n
    FROM unlinked AS u
    JOIN (SELECT business_id, count(*) AS n FROM unlinked GROUP BY ALL) AS b USING (business_id)
    JOIN (SELECT severa_id, count(*) AS n FROM unlinked GROUP BY ALL) AS s USING (severa_id)
)
SELECT p.* EXCLUDE (is_chosen, ids_shared),
       -- feeds: duplicate_entity
       business_has_partner <> severa_has_partner AS has_linked_copy,
       -- feeds: ambiguous_match, code_mismatch, code_missing
       CASE WHEN is_chosen THEN 1 ELSE coalesce(choices.n, 0) END AS choices,
       -- feeds: ambiguous_match
       suite = 'customers' AND ids = 'equal' AND ids_shared AND relation <> 'same'
           AND sb.record_id IS NULL AND ss.record_id IS NULL AS only_shared_id
FROM partnership AS p
LEFT JOIN choices USING (business_id, severa_id)
LEFT JOIN in_same_pair AS sb ON sb.record_id = p.business_id
LEFT JOIN in_same_pair AS ss ON ss.record_id = p.severa_id;

-- feeds: systems_unrelated
-- Whether customers of the two systems have anything to do with each other; build.py looks further where no pair has.
CREATE TABLE checks.systems AS
SELECT 'customers' AS suite,
       (SELECT count(*) FROM base WHERE suite = 'customers' AND system = 'visma_business' AND NOT excluded) AS business,
       (SELECT count(*) FROM base WHERE suite = 'customers' AND system = 'severa' AND active) AS severa,
       EXISTS (FROM checks.pairs WHERE suite = 'customers' AND relation IN ('same', 'alike')) AS related;
