-- What is known of each record before its fate is told: findings about it, and whether it moves by itself.
-- The caller offers `found`: all findings of the run, with `blocks`: critical, and nobody has set it aside.

-- Findings by what they name, so that a thousand records that read alike do not meet a thousand findings each.
CREATE TEMP TABLE subjects AS
WITH named AS (
    SELECT 'visma_business' AS system, suite, business_code AS code, business_name AS name, NULL AS register, NULL AS guid,
           finding_id, rule, message, blocks
    FROM found WHERE business_code <> ''
    UNION ALL
    SELECT 'severa', suite, NULL, NULL, severa_register, severa_guid, finding_id, rule, message, blocks
    FROM found WHERE severa_guid <> ''
    UNION ALL
    -- a number in the other system's series is about the records that have it and no partner
    SELECT n.system, CASE n.suite WHEN 'customer_numbering' THEN 'customers' ELSE n.suite END, f.first, NULL, NULL, NULL,
           f.finding_id, f.rule, f.message, f.blocks
    FROM found AS f JOIN checks.numbers AS n ON n.suite = f.suite AND n.number::VARCHAR = f.first AND n.in_other_series
    WHERE f.rule = 'number_in_other_series'
),
-- Aggregated by rule first: of many records of one name, each may be in thousands of findings.
by_rule AS (
    SELECT system, suite, code, name, register, guid, rule, blocks, count(*) AS findings,
           min(finding_id, 20) AS finding_ids, min_by(message, finding_id) AS message
    FROM named GROUP BY ALL
)
SELECT system, suite, code, name, register, guid, coalesce(sum(findings) FILTER (blocks), 0) AS findings,
       list(rule ORDER BY rule) FILTER (blocks) AS rules,
       list(rule ORDER BY rule) FILTER (NOT blocks) AS advice,
       flatten(list(finding_ids ORDER BY rule) FILTER (blocks)) AS finding_ids,
       min_by(message, rule) FILTER (blocks) AS message
FROM by_rule GROUP BY ALL;

CREATE TEMP TABLE about AS
SELECT r.record_id, t.* FROM subjects AS t JOIN checks.records AS r
    ON r.system = t.system AND r.suite = t.suite AND r.code = t.code AND shown(coalesce(r.name, '')) = t.name
UNION ALL
SELECT r.record_id, t.* FROM subjects AS t JOIN checks.records AS r
    ON r.system = t.system AND r.suite = t.suite AND r.register = t.register AND r.guid = t.guid
UNION ALL
SELECT r.record_id, t.* FROM subjects AS t JOIN checks.records AS r
    ON r.system = t.system AND r.suite = t.suite AND CASE r.suite WHEN 'customers'
        THEN TRY_CAST(r.code_key AS HUGEINT)::VARCHAR ELSE r.code_key END = t.code
WHERE t.name IS NULL AND t.guid IS NULL AND NOT r.has_partner;

-- All findings about a record are counted, and the first twenty named.
CREATE TEMP TABLE obstacles AS
SELECT record_id, sum(findings)::BIGINT AS findings,
       array_to_string(list_sort(list_distinct(flatten(list(rules)))), ';') AS rules,
       array_to_string(flatten(list(finding_ids ORDER BY rules))[:20], ';') AS finding_ids,
       min(rules)[1] AS first_rule, min_by(message, rules) AS message
FROM about WHERE findings > 0 GROUP BY record_id;

CREATE TEMP TABLE advice AS
SELECT record_id, array_to_string(list_sort(list_distinct(flatten(list(advice)))), ';') AS rules
FROM about WHERE len(advice) > 0 GROUP BY record_id;

-- Does a record move to the other system by itself? `undecided`: that depends on an answer nobody has given.
CREATE TEMP TABLE movers AS
WITH unanswered AS (
    SELECT suite, min(finding_id) AS finding_id, min_by(message, finding_id) AS message
    FROM found WHERE rule = 'decision_missing' AND blocks GROUP BY suite
),
flags AS (
    SELECT r.record_id, r.suite, r.system = 'visma_business' AS own, r.active, u.finding_id, u.message,
           CASE WHEN r.system = 'severa' AND NOT r.active THEN 'inactive'
                WHEN r.excluded THEN 'excluded'
                WHEN r.system = 'visma_business' AND r.answered_none THEN 'answer_none'
                WHEN r.system = 'visma_business' AND r.suite = 'employees' AND NOT r.has_email THEN 'no_email'
           END AS kept_by
    FROM checks.records AS r LEFT JOIN unanswered AS u USING (suite)
)
SELECT record_id, kept_by, kept_by IS NULL AND own AND finding_id IS NOT NULL AS undecided,
       kept_by IS NULL AND NOT (own AND finding_id IS NOT NULL) AS moves, finding_id, message
FROM flags;
