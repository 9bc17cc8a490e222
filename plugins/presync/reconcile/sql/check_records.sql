-- checks.records: the records as the suites see them: keys, flags, and what each has in common with others.

CREATE TABLE checks.records AS
WITH matched AS (
    SELECT severa_id AS record_id, count(*) AS n FROM checks.pairs WHERE relation = 'same' GROUP BY ALL
)
SELECT r.* EXCLUDE (email_key, id_shared, name_trimmed),
       coalesce(a.answer = 'none', false) AS answered_none,
       -- feeds: code_not_transferable
       a.key_kind AS business_key,
       r.code_key IS NOT NULL AS has_code,
       -- feeds: name_too_long, name_not_splittable
       r.name_trimmed,
       -- feeds: code_duplicate
       coalesce(h.holders, 1) AS code_holders,
       -- feeds: duplicate_in_system
       coalesce(t.same_in_own_system, 0) AS same_in_own_system,
       -- feeds: code_absent
       coalesce(m.n, 0) AS same_in_visma_business,
       p.record_id IS NOT NULL AS has_partner,
       -- tells that one of these has changed: a waiver was given for the values of its day
       CASE WHEN coalesce(r.id_body, r.email_key, r.customer_key) IS NOT NULL
            THEN md5(concat_ws(chr(31), r.id_body, r.id_country, r.email_key, r.customer_key)) END AS facts_digest
FROM base AS r
JOIN checks.answers AS a USING (suite)
LEFT JOIN code_groups AS h ON h.suite = r.suite AND h.system = r.system AND h.code_key = r.code_key
    AND must_be_unique(r.register, (SELECT unique_product_codes FROM checks.settings))
LEFT JOIN twins AS t USING (record_id)
LEFT JOIN matched AS m USING (record_id)
LEFT JOIN partnered AS p USING (record_id);

-- feeds: group_field_in_use
CREATE TABLE checks.group_fields AS
SELECT a.suite, a.group_field, a.group_value_excluded, count(*) AS records,
       count(*) FILTER (b.group_value = a.group_value_excluded) AS excluded,
       count(*) FILTER (b.group_value IS NOT NULL AND b.group_value <> 0
                        AND b.group_value <> a.group_value_excluded) AS marked_otherwise
FROM checks.answers AS a
JOIN base AS b USING (suite)
WHERE a.answer = 'except' AND b.system = 'visma_business'
GROUP BY ALL;

CREATE TABLE checks.counts AS
SELECT a.suite AS entity,
       count(*) FILTER (r.system = 'visma_business') AS business,
       count(*) FILTER (r.system = 'severa') AS severa,
       count(*) FILTER (r.excluded) AS excluded,
       (SELECT count(*) FROM checks.pairs AS p WHERE p.suite = a.suite AND p.partners) AS pairs
FROM checks.answers AS a LEFT JOIN base AS r USING (suite)
GROUP BY ALL;
