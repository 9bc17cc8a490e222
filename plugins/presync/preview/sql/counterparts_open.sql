-- open_records: records that would be created on the other side, or that findings keep from it; without a partner, and
-- without anything that is the same. With what can contradict (docs/rules.md, *Words*); the keys are those of reconcile.

CREATE TEMP MACRO folded(key) AS replace(replace(replace(replace(strip_accents(key), 'ø', 'o'), 'æ', 'ae'), 'đ', 'd'), 'ł', 'l');

CREATE TEMP TABLE open_records AS
WITH told AS (
    SELECT business_id AS record_id FROM checks.pairs WHERE relation = 'same'
    UNION SELECT severa_id FROM checks.pairs WHERE relation = 'same'
),
chosen AS (
    SELECT r.record_id, r.suite, r.system, r.register, r.guid, r.act_no, r.code, r.name_key
    FROM checks.records AS r
    JOIN outcomes AS o USING (record_id)
    JOIN movers AS m USING (record_id)
    ANTI JOIN told USING (record_id)
    WHERE o.outcome IN ('create_in_severa', 'create_in_visma_business', 'blocked')
      AND m.kept_by IS NULL AND NOT r.has_partner AND r.name_key IS NOT NULL
),
contacts AS (
    SELECT act_no, any_value(business_no) AS id FROM visma_business.associates
    WHERE act_no IN (SELECT act_no FROM chosen WHERE suite = 'customers') GROUP BY act_no
),
owned AS (
    -- a code that stands for projects of several customers says nothing of either
    SELECT code, any_value(customer) AS customer, count(DISTINCT coalesce(customer, '')) AS customers
    FROM visma_business.projects GROUP BY code
),
cases AS (
    SELECT 'projects' AS register, guid, customer_number::VARCHAR AS customer FROM severa.projects
    UNION ALL
    SELECT 'salescases', guid, customer_number::VARCHAR FROM severa.salescases
),
facts AS (
    SELECT c.record_id, c.suite, c.system, c.name_key,
           business_id(coalesce(contacts.id, customers.vat_number)) AS business_id,
           code_key(coalesce(owned.customer, cases.customer)) AS customer_key
    FROM chosen AS c
    LEFT JOIN contacts ON c.suite = 'customers' AND c.system = 'visma_business' AND contacts.act_no = c.act_no
    LEFT JOIN severa.customers AS customers ON c.suite = 'customers' AND customers.guid = c.guid
    LEFT JOIN owned ON c.suite = 'projects' AND c.system = 'visma_business' AND owned.code = c.code
    LEFT JOIN cases ON c.suite = 'projects' AND cases.register = c.register AND cases.guid = c.guid
    WHERE coalesce(owned.customers, 1) = 1
)
SELECT * EXCLUDE (business_id), business_id.id AS id_body, business_id.country AS id_country FROM facts;

CREATE TEMP TABLE likely_pairs (business_id BIGINT, severa_id BIGINT, likeness DOUBLE);
