select * from {{ ref('numbers_in_series') }}
where kind = 'customers' and system <> of_system and without_partner
