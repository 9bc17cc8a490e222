-- The rows of preview.csv. Which fields of a linked pair differ, and whose value is kept.

CREATE TEMP TABLE differences AS
WITH contacts AS (
    SELECT act_no, any_value(business_no) AS business_no, any_value(email) AS email
    FROM visma_business.associates GROUP BY act_no
),
owned AS (
    SELECT code, any_value(customer) AS customer FROM visma_business.projects GROUP BY code
),
cases AS (
    SELECT 'projects' AS register, guid, customer_number::VARCHAR AS customer FROM severa.projects
    UNION ALL
    SELECT 'salescases', guid, customer_number::VARCHAR FROM severa.salescases
),
linked AS (
    SELECT o.record_id, o.suite, o.meets.ids AS ids,
           CASE o.system WHEN 'visma_business' THEN o.record_id ELSE o.meets.other_id END AS business_id,
           CASE o.system WHEN 'visma_business' THEN o.meets.other_id ELSE o.record_id END AS severa_id
    FROM outcomes AS o WHERE o.outcome = 'link'
),
compared AS (
    SELECT l.record_id, l.suite, s.register, b.name_trimmed <> s.name_trimmed AS name_differs,
           -- an employee's Group field says whether it is active, if the tenant names the field
           l.suite = 'employees' AND answers.group_field IS NOT NULL AND s.active = b.excluded AS active_differs,
           l.suite = 'projects' AND $customer_mapped
               AND plain_code(owned.customer) <> plain_code(cases.customer) AS customer_differs,
           l.suite = 'customers' AND l.ids <> 'equal'
               AND plain_id(contacts.business_no) <> plain_id(customers.vat_number) AS business_id_differs,
           l.suite = 'employees' AND plain_text(contacts.email) <> plain_text(users.email) AS email_differs
    FROM linked AS l
    JOIN checks.records AS b ON b.record_id = l.business_id
    JOIN checks.records AS s ON s.record_id = l.severa_id
    JOIN checks.answers AS answers ON answers.suite = l.suite
    LEFT JOIN owned ON l.suite = 'projects' AND owned.code = b.code
    LEFT JOIN cases ON l.suite = 'projects' AND cases.guid = s.guid AND cases.register = s.register
    LEFT JOIN contacts ON contacts.act_no = b.act_no
    LEFT JOIN severa.customers AS customers ON l.suite = 'customers' AND customers.guid = s.guid
    LEFT JOIN severa.users AS users ON l.suite = 'employees' AND users.guid = s.guid
)
SELECT record_id, concat_ws(';', CASE WHEN name_differs THEN 'name' END,
                            CASE WHEN business_id_differs THEN 'business_id' END,
                            CASE WHEN email_differs THEN 'email' END, CASE WHEN active_differs THEN 'active' END,
                            CASE WHEN customer_differs THEN 'customer' END) AS fields,
       CASE WHEN suite IN ('customers', 'employees') THEN 'both'
            WHEN suite = 'projects' THEN coalesce($case_master, $master, 'unknown')
            WHEN register = 'products' THEN coalesce($product_master, $master, 'unknown')
            ELSE coalesce($master, 'unknown') END AS wins
FROM compared WHERE name_differs OR business_id_differs OR email_differs OR active_differs OR customer_differs;

CREATE TEMP VIEW preview AS
WITH likely AS (
    SELECT business_id AS record_id, severa_id AS likely_id, likeness FROM counterparts
    UNION ALL
    SELECT severa_id, business_id, likeness FROM counterparts
),
told AS (
    SELECT r.*, o.outcome, o.cause, o.findings, o.rules, o.finding_ids, o.message, o.others, o.moves, o.other_moves,
           o.kept_by, o.meets, coalesce(d.fields, '') AS fields, d.wins, a.rules AS advice,
           l.likely_id, l.likeness, answers.group_field, answers.group_value_excluded,
           CASE r.system WHEN 'visma_business' THEN 'Severa' ELSE 'Visma Business' END AS other_system,
           CASE r.suite WHEN 'projects' THEN 'closed' ELSE 'inactive' END AS inactive_word
    FROM checks.records AS r
    JOIN outcomes AS o USING (record_id)
    JOIN checks.answers AS answers ON answers.suite = r.suite
    LEFT JOIN differences AS d USING (record_id)
    LEFT JOIN advice AS a USING (record_id)
    LEFT JOIN likely AS l USING (record_id)
),
paired AS (
    SELECT t.*, t.system = 'visma_business' AS own, x.code AS other_code, x.name AS other_name, x.guid AS other_guid,
           x.register AS other_register, b.record_id IS NOT NULL AS other_blocked,
           coalesce(y.guid, y.code) AS likely_counterpart
    FROM told AS t
    LEFT JOIN checks.records AS x ON x.record_id = t.meets.other_id
    LEFT JOIN obstacles AS b ON b.record_id = t.meets.other_id
    LEFT JOIN checks.records AS y ON y.record_id = t.likely_id
)
SELECT suite AS entity, system, outcome, cause,
       CASE WHEN own THEN code ELSE other_code END AS business_code,
       shown(CASE WHEN own THEN name ELSE other_name END) AS business_name,
       CASE WHEN own THEN other_guid ELSE guid END AS severa_guid,
       CASE WHEN own THEN other_register ELSE register END AS severa_register,
       CASE WHEN own THEN other_code ELSE code END AS severa_code,
       shown(CASE WHEN own THEN other_name ELSE name END) AS severa_name,
       nullif(fields, '') AS differs, wins, findings, rules, finding_ids, advice AS warnings,
       CASE outcome
           WHEN 'blocked' THEN message || CASE WHEN findings > 1 THEN ' (' || findings || ' findings.)' ELSE '' END
           WHEN 'excluded' THEN group_field || ' is ' || group_value_excluded || ': the answer excludes it.'
           WHEN 'not_transferred' THEN CASE kept_by
               WHEN 'inactive' THEN 'It is ' || inactive_word || ' in Severa, and no record that moves has its number.'
               WHEN 'answer_none' THEN 'The answer to “transfer all of them?” is none.'
               ELSE 'It has no e-mail address: employees without one do not reach Severa.' END
           WHEN 'link' THEN
               CASE WHEN NOT meets.partners THEN 'Equal numbers under different names.'
                    WHEN meets.relation = 'alike' THEN 'Equal numbers, and names that are alike.'
                    WHEN meets.relation = 'same' THEN 'Equal numbers, and the same.' END
               || CASE WHEN others > 1 THEN ' ' || (others - 1) || ' more in ' || other_system || ' with this number.'
                       ELSE '' END
               || CASE WHEN moves THEN ''
                       WHEN kept_by IS NULL THEN ' Nobody has answered whether it moves, but the one in ' || other_system || ' does.'
                       ELSE ' ' || CASE kept_by
                           WHEN 'inactive' THEN 'It is ' || inactive_word || ', but the one in '
                           WHEN 'excluded' THEN group_field || ' is ' || group_value_excluded
                               || ', which excludes it, but the one in '
                           WHEN 'answer_none' THEN 'The answer is none, but the one in '
                           ELSE 'It has no e-mail address, but the one in ' END || other_system || ' moves.' END
               || CASE WHEN other_blocked THEN ' Findings block the other one.' ELSE '' END
           ELSE CASE WHEN has_code THEN 'No counterpart in ' || other_system || ' has its number.'
                     ELSE 'It has no number, so nothing in ' || other_system || ' can be linked to it.' END
       END AS reason, likely_counterpart, likeness, record_id
FROM paired;
