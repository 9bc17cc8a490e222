select * from {{ ref('numbers_in_series') }}
where kind = 'invoices' and system <> of_system and without_partner
