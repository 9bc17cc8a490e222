select 'customers' as kind, 'business' as system, first, last from {{ source('visma_business', 'customer_series') }}
union all
select 'invoices', 'business', greatest(first, next), last from {{ source('visma_business', 'voucher_series') }}
union all
select 'customers', 'severa', next_customer_number, 8999999 from {{ source('severa', 'organizationsettings') }}
union all
select 'invoices', 'severa', next_invoice_number, 8999999 from {{ source('severa', 'organizationsettings') }}
