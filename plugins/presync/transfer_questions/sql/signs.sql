-- When did anything last happen to a record of Visma Business? Needs `outcomes`, `obstacles` and `movers` of the
-- preview; $cutoff is the day before which everything is long ago.

-- Visma Business' dates are numbers yyyymmdd; 0 is none, and a value that is not a calendar day is not a date.
CREATE TEMP MACRO day_of(number) AS
    CASE WHEN number BETWEEN 19700101 AND 99991231 THEN try_strptime(number::VARCHAR, '%Y%m%d')::DATE END;
CREATE TEMP MACRO key_of(code) AS nullif(nullif(lower(trim(code::VARCHAR)), ''), '0');

-- `known`: all that is to be known about its last change. A change at an unreadable date is one at an unknown date.
CREATE TEMP TABLE dated AS
WITH staged AS (
    SELECT 'departments' AS suite, code AS key, created_on, changed_on FROM visma_business.departments
    UNION ALL
    SELECT 'products', code, created_on, changed_on FROM visma_business.products
    UNION ALL
    SELECT 'projects', code, created_on, changed_on FROM visma_business.projects
    UNION ALL
    SELECT 'associates', act_no, created_on, changed_on FROM visma_business.associates
),
days AS (
    SELECT suite, key, day_of(created_on) AS created, day_of(changed_on) AS changed, changed_on FROM staged
)
SELECT suite, key, min(created) AS created, max(changed) AS changed,
       bool_and(changed IS NOT NULL OR (changed_on = 0 AND created IS NOT NULL)) AS known
FROM days GROUP BY suite, key;

CREATE TEMP TABLE active AS
SELECT entity AS suite, key_of(code) AS key, max(day_of(last_on)) AS last_on,
       bool_or(day_of(last_on) IS NULL) AS unreadable, bool_or(is_open) AS is_open
FROM visma_business.activity GROUP BY ALL;

-- Sources without a single code that a record has: the tenant file may name another column than the code's.
CREATE TEMP TABLE strange AS
SELECT DISTINCT entity AS suite FROM visma_business.activity_sources AS s
WHERE codes IS NOT NULL AND NOT EXISTS (
    FROM active AS a JOIN checks.records AS r ON r.suite = a.suite AND r.code_key = a.key
    WHERE r.system = 'visma_business' AND a.suite = s.entity);

-- `state`: alive (something happened since, or something is open), dormant, or unknown.
CREATE TEMP TABLE signs AS
WITH unread AS (
    SELECT entity AS suite FROM visma_business.activity_sources WHERE codes IS NULL UNION FROM strange
),
told AS (
    SELECT r.record_id, r.suite, r.code_key, d.created, d.changed, a.last_on AS last_activity,
           coalesce(a.is_open, false) AS is_open, greatest(d.created, d.changed, a.last_on) AS last_sign,
           coalesce(d.known, false) AS dated,
           coalesce(d.known, false) AND NOT coalesce(a.unreadable, false) AND u.suite IS NULL AS known
    FROM checks.records AS r
    LEFT JOIN dated AS d ON d.suite = CASE WHEN r.act_no IS NULL THEN r.suite ELSE 'associates' END
                        AND d.key = coalesce(r.act_no, r.code)
    LEFT JOIN active AS a ON a.suite = r.suite AND a.key = r.code_key
    LEFT JOIN unread AS u ON u.suite = r.suite
    WHERE r.system = 'visma_business'
)
SELECT *, CASE WHEN is_open OR last_sign > $cutoff THEN 'alive' WHEN known THEN 'dormant' ELSE 'unknown' END AS state
FROM told;
