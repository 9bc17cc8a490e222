-- checks.related: every pair of a business and a Severa record of one entity that a rule may be about, once:
-- equal codes; else equal names; else equal ids or addresses; else similar names (checks.near, by near.py); else
-- a person says that they are the same.

CREATE TEMP MACRO contradict(b, s) AS CASE b.suite
    WHEN 'customers' THEN b.id_body IS NOT NULL AND s.id_body IS NOT NULL
        AND NOT ids_equal(b.id_body, b.id_country, s.id_body, s.id_country)
    WHEN 'projects' THEN b.customer_key IS NOT NULL AND s.customer_key IS NOT NULL
        AND b.customer_key <> s.customer_key
    ELSE false END;

CREATE TABLE checks.related AS
WITH b AS (SELECT * FROM checks.base WHERE system = 'visma_business'),
s AS (SELECT * FROM checks.base WHERE system = 'severa'),
by_code AS (
    SELECT b.record_id AS business_id, s.record_id AS severa_id
    FROM b JOIN s USING (suite, code_key)
),
by_name AS (
    -- projects of different customers often share a name: they contradict, and no rule is about them
    SELECT b.record_id, s.record_id
    FROM b JOIN s ON b.suite = s.suite AND b.name_key = s.name_key
    WHERE b.code_key IS DISTINCT FROM s.code_key
      AND NOT (b.suite = 'projects' AND coalesce(b.customer_key <> s.customer_key, false))
),
by_id AS (
    SELECT b.record_id, s.record_id
    FROM b JOIN s ON b.suite = s.suite AND b.id_body = s.id_body
    WHERE b.code_key IS DISTINCT FROM s.code_key
      AND NOT coalesce(b.name_key = s.name_key, false)  -- two empty names equal nothing
      AND ids_equal(b.id_body, b.id_country, s.id_body, s.id_country)
),
by_email AS (
    SELECT b.record_id, s.record_id
    FROM b JOIN s ON b.suite = s.suite AND b.email_key = s.email_key
    WHERE b.code_key IS DISTINCT FROM s.code_key
      AND NOT coalesce(b.name_key = s.name_key, false)  -- two empty names equal nothing
),
by_likeness AS (
    SELECT b.record_id, s.record_id
    FROM checks.near
    JOIN b ON b.suite = near.suite AND b.name_key = near.business_name_key
    JOIN s ON s.suite = near.suite AND s.name_key = near.severa_name_key
    WHERE b.code_key IS DISTINCT FROM s.code_key AND NOT b.excluded AND s.active
      AND NOT coalesce(ids_equal(b.id_body, b.id_country, s.id_body, s.id_country), false)
      AND NOT coalesce(b.email_key = s.email_key, false)
      AND NOT contradict(b, s)
)
SELECT * FROM by_code UNION ALL SELECT * FROM by_name UNION ALL SELECT * FROM by_id
UNION ALL SELECT * FROM by_email UNION ALL SELECT * FROM by_likeness;

INSERT INTO checks.related
SELECT business_id, severa_id FROM checks.confirmed ANTI JOIN checks.related USING (business_id, severa_id) WHERE same;
