-- How many projects name a customer, and how many of these a customer that there is.
SELECT count(*) AS filled, count(*) FILTER (key_of(customer) IN (
    SELECT code_key FROM checks.records WHERE suite = 'customers' AND system = 'visma_business' AND has_code)) AS matching
FROM visma_business.projects WHERE key_of(customer) IS NOT NULL;
