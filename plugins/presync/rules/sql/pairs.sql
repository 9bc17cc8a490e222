-- A pair of a business and a Severa record: both are shown.
SELECT p.rowid AS row, b.code AS business_code, shown(b.name) AS business_name, b.act_no, s.guid AS severa_guid,
       s.register AS severa_register, s.code AS severa_code, shown(s.name) AS severa_name,
       coalesce(b.code_trimmed, '') || ' “' || shown(b.name_trimmed) || '”' AS business,
       coalesce(s.code_trimmed || ' ', '') || quoted(shown(s.name_trimmed))
           || CASE WHEN s.has_code THEN '' ELSE ' (without code)' END AS severa,
       p.relation, p.choices,
       shown_id(b.id_country, b.id_body) || ' in Visma Business (BsNo), ' || shown_id(s.id_country, s.id_body)
           || ' in Severa (vatNumber)' AS ids_told,
       CASE WHEN p.confirmed = 'same' THEN 'somebody has confirmed it'
            WHEN p.confirmed = 'different' THEN 'somebody has confirmed that they are different'
            WHEN p.relation = 'contradicting' AND p.suite = 'projects'
            THEN 'their customers differ: ' || b.customer_key || ' in Visma Business (the column mapped as projects.customer), '
                || s.customer_key || ' in Severa (customer.number)'
            WHEN p.relation = 'contradicting' THEN 'their business ids differ: ' || ids_told
            WHEN p.relation = 'same' AND p.names_equal THEN 'their names are equal'
            WHEN p.ids = 'equal' THEN 'their business ids are equal: ' || ids_told
            WHEN p.relation = 'same' THEN 'their e-mail addresses are equal'
            ELSE 'their names are not alike' END AS cause,
       CASE WHEN p.relation <> 'contradicting' THEN 'names' WHEN p.suite = 'projects' THEN 'customers'
            ELSE 'business ids' END AS what_differs,
       round(p.similarity, 1) AS similarity,
       -- tells that a name has changed even where it is masked
       md5(concat_ws(chr(31), coalesce(b.name, ''), coalesce(s.name, ''))) AS name_digest,
       b.facts_digest AS business_facts, s.facts_digest AS severa_facts
FROM checks.pairs AS p
JOIN checks.records AS b ON b.record_id = p.business_id
JOIN checks.records AS s ON s.record_id = p.severa_id
WHERE p.suite = $suite
