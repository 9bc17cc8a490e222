-- Severa's records that a critical finding names, that share a code with one of these, or that have a code or
-- number which a finding is about. must_be_unique: nobody else in Severa may have the same code.
WITH named AS (
    SELECT DISTINCT severa_guid AS guid, severa_register AS register
    FROM critical WHERE suite = $suite AND severa_guid <> ''
),
own AS (SELECT * FROM checks.records WHERE suite = $suite AND system = 'severa'),
keys AS (
    SELECT own.code_key FROM own JOIN named USING (guid, register)
    UNION
    SELECT b.code_key
    FROM critical AS f JOIN checks.records AS b
        ON b.suite = f.suite AND b.system = 'visma_business' AND b.code = f.business_code
    WHERE f.suite = $suite
    UNION
    SELECT "first" FROM critical WHERE suite = $numbering AND rule = 'number_in_other_series'
)
SELECT record_id, register, guid, shown(coalesce(name, '')) AS name, coalesce(code, '') AS code, code_key AS key, active,
       has_partner,
       register NOT IN ('worktypes', 'travelexpensetypes')
           OR (SELECT unique_product_codes FROM checks.settings) AS must_be_unique
FROM own
WHERE code_key IN (SELECT code_key FROM keys) OR (guid, register) IN (SELECT (guid, register) FROM named)
ORDER BY record_id
