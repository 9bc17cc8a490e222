-- One row per record: its outcome, the cause, and for a link the record that it is linked to.
-- Precedence (docs/preview.md): blocked, link, undecided, kept back, created.

-- Records of equal numbers. In Visma Business a number is one record's, so whatever comes from Severa under it
-- meets that record; a product does not meet work types that merely share its number.
CREATE TEMP TABLE met AS
WITH meetings AS (
    SELECT business_id, severa_id, partners, relation, ids, register FROM checks.pairs WHERE codes_equal
),
sides AS (
    SELECT business_id AS record_id, severa_id AS other_id, * EXCLUDE (business_id, severa_id) FROM meetings
    WHERE partners OR register NOT IN ('worktypes', 'travelexpensetypes')
    UNION ALL
    SELECT severa_id, business_id, * EXCLUDE (business_id, severa_id) FROM meetings
)
SELECT s.record_id, count(*) AS others, bool_or(m.moves) AS other_moves, bool_or(m.undecided) AS other_undecided,
       -- which one is shown: one that moves, that nothing blocks, a partner, the same, a regular product
       min_by({'other_id': s.other_id, 'partners': s.partners, 'relation': s.relation, 'ids': s.ids},
              (NOT m.moves, o.record_id IS NOT NULL, NOT s.partners, s.relation <> 'same',
               s.register <> 'products', s.other_id)) AS shown
FROM sides AS s
JOIN movers AS m ON m.record_id = s.other_id
LEFT JOIN obstacles AS o ON o.record_id = s.other_id
GROUP BY s.record_id;

CREATE TEMP TABLE outcomes AS
WITH judged AS (
    SELECT r.record_id, r.suite, r.system, m.kept_by, m.moves, m.finding_id AS decision_id, m.message AS decision_message,
           o.findings, o.rules, o.finding_ids, o.first_rule, o.message,
           met.others, met.shown AS meets, coalesce(met.other_moves, false) AS other_moves,
           CASE WHEN o.record_id IS NOT NULL THEN 'blocked'
                WHEN met.record_id IS NOT NULL AND (m.moves OR met.other_moves) THEN 'link'
                WHEN m.undecided OR coalesce(met.other_undecided, false) THEN 'blocked'
                WHEN m.kept_by = 'excluded' THEN 'excluded'
                WHEN m.kept_by IS NOT NULL THEN 'not_transferred'
                WHEN r.system = 'severa' THEN 'create_in_visma_business'
                ELSE 'create_in_severa' END AS outcome
    FROM checks.records AS r
    JOIN movers AS m USING (record_id)
    LEFT JOIN obstacles AS o USING (record_id)
    LEFT JOIN met USING (record_id)
)
SELECT record_id, suite, system, outcome, moves, other_moves, kept_by,
       CASE outcome WHEN 'link' THEN CASE WHEN meets.partners THEN 'partners' ELSE 'same_code' END
            WHEN 'blocked' THEN coalesce(first_rule, 'decision_missing')
            WHEN 'excluded' THEN 'excluded'
            WHEN 'not_transferred' THEN kept_by
            ELSE 'no_counterpart' END AS cause,
       CASE WHEN outcome = 'blocked' THEN coalesce(findings, 1) END AS findings,
       CASE WHEN outcome = 'blocked' THEN coalesce(rules, 'decision_missing') END AS rules,
       CASE WHEN outcome = 'blocked' THEN coalesce(finding_ids, decision_id,
           (SELECT min(finding_id) FROM found AS f WHERE f.suite = judged.suite AND f.rule = 'decision_missing')) END
           AS finding_ids,
       CASE WHEN outcome = 'blocked' THEN coalesce(message, decision_message,
           (SELECT min(message) FROM found AS f WHERE f.suite = judged.suite AND f.rule = 'decision_missing')) END
           AS message,
       CASE WHEN outcome = 'link' THEN others END AS others,
       CASE WHEN outcome = 'link' THEN meets END AS meets
FROM judged;
