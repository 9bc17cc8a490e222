-- checks.confirmed_pairs: what people say of pairs, and whether it holds for the records as they are now.
-- checks.confirmations is filled by build.py: entry, suite, business_code, severa_guid, same, names_digest.
-- A digest is of the names and, behind it, of the business ids or the projects' customers, if there are any.

CREATE TABLE checks.confirmed_pairs AS
WITH matched AS (
    SELECT c.*, b.record_id AS business_id, s.record_id AS severa_id,
           left(sha256(code_text(coalesce(b.name, '')) || chr(31) || code_text(coalesce(s.name, ''))), 16)
               = c.names_digest[:16] AS names_unchanged,
           identifying(b.suite, NULL, b.code, NULL) AS business_told,
           identifying(s.suite, s.register, NULL, s.guid) AS severa_told
    FROM checks.confirmations AS c
    LEFT JOIN base AS b
        ON b.system = 'visma_business' AND b.suite = c.suite AND b.code_key = code_key(c.business_code)
    LEFT JOIN base AS s ON s.system = 'severa' AND s.suite = c.suite AND lower(s.guid) = lower(c.severa_guid)
),
told AS (
    SELECT *, CASE WHEN business_told || severa_told = '' THEN ''
                   ELSE left(sha256(business_told || chr(31) || severa_told), 16) END
              = names_digest[17:] AS ids_unchanged
    FROM matched
)
SELECT suite, business_code, severa_guid, same,
       CASE WHEN count(business_id) = 0 OR count(severa_id) = 0 THEN 'no such record'
            WHEN count(*) > 1 THEN 'several records'
            WHEN NOT bool_and(names_unchanged) THEN 'names changed'
            WHEN NOT bool_and(ids_unchanged) THEN 'ids changed'
            ELSE 'in force' END AS state,
       CASE WHEN state = 'in force' THEN any_value(business_id) END AS business_id,
       CASE WHEN state = 'in force' THEN any_value(severa_id) END AS severa_id
FROM told GROUP BY entry, suite, business_code, severa_guid, same ORDER BY entry;

-- once per pair, whoever said it how often; build.py has been given no contradictions
CREATE TEMP TABLE confirmed AS
SELECT DISTINCT business_id, severa_id, same FROM checks.confirmed_pairs WHERE state = 'in force';
