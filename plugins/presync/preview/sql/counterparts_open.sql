-- open_records: records that would be created on the other side, or that findings keep from it, and those of Visma Business
-- that stay where they are (excluded, answer none, no e-mail address): what Severa has of them is created beside them. All
-- without a partner, and without anything that is the same. With what can contradict (docs/rules.md, *Words*); the keys are those of reconcile.

CREATE TEMP MACRO folded(key) AS replace(replace(replace(replace(strip_accents(key), 'ø', 'o'), 'æ', 'ae'), 'đ', 'd'), 'ł', 'l');

CREATE TEMP TABLE open_records AS
WITH told AS (
    SELECT business_id AS record_id FROM checks.pairs WHERE relation = 'same'
    UNION SELECT severa_id FROM checks.pairs WHERE relation = 'same'
),
chosen AS (
    SELECT r.record_id, r.suite, r.system, r.register, r.guid, r.act_no, r.code, r.name_key,
           r.customer_key, r.id_body, r.id_country
    FROM checks.records AS r
    JOIN outcomes AS o USING (record_id)
    JOIN movers AS m USING (record_id)
    ANTI JOIN told USING (record_id)
    WHERE o.outcome <> 'link' AND m.kept_by IS DISTINCT FROM 'inactive' AND NOT r.has_partner
      AND r.name_key IS NOT NULL
)
SELECT * EXCLUDE (register, guid, act_no, code) FROM chosen;

CREATE TEMP TABLE likely_pairs (business_id BIGINT, severa_id BIGINT, likeness DOUBLE);
