-- checks.named_series: what should name a series, and whether it does.
-- feeds: series_unknown
CREATE TABLE checks.named_series AS
WITH vouchers AS (
    SELECT code_text(key) AS key,
           greatest(coalesce("first", 0), coalesce("next", 0)) AS start, coalesce("last", 0) AS "last"
    FROM visma_business.voucher_series
),
named AS (
    SELECT 'customer_numbering' AS suite, 'visma_business' AS system, 'customer number series' AS thing,
           NULL::VARCHAR AS key, known AS found, NULL::VARCHAR AS used_up
    FROM checks.customer_series_state
    UNION ALL
    -- one that is used up does not say which number comes next
    SELECT 'invoice_numbering', 'visma_business', 'voucher series ' || k.key, k.key,
           EXISTS (FROM vouchers AS v WHERE v.key = k.key),
           (SELECT any_value('its next number ' || start || ' is above its last, ' || "last") FROM vouchers AS v
            WHERE v.key = k.key AND "last" > 0 AND start > "last")
    FROM checks.invoice_series_keys AS k
    UNION ALL
    SELECT 'invoice_numbering', 'visma_business', 'invoice series', NULL, false, NULL
    WHERE NOT EXISTS (FROM checks.invoice_series_keys)
    UNION ALL
    SELECT suite, 'severa', label, NULL, known, NULL FROM checks.counters
)
SELECT suite, system, thing, key, found AND used_up IS NULL AS found,
       CASE WHEN used_up IS NOT NULL THEN 'is used up (' || used_up || '), so nobody knows which number comes next'
            WHEN NOT found THEN 'is not known' END AS state
FROM named;
