with linked as (
    select business, severa from {{ ref('pairs') }} where codes_equal and (same or alike)
)
select 'customers' as kind, 'business' as system, code::bigint as number,
       bool_or(id not in (select business from linked)) as without_partner
from {{ ref('stg_business_customers') }} group by code
union all
select 'customers', 'severa', code::bigint, bool_or(id not in (select severa from linked))
from {{ ref('stg_severa_customers') }} where code is not null group by code
union all
select distinct 'invoices', 'business', number::bigint, true from {{ source('visma_business', 'invoice_numbers') }}
union all
select distinct 'invoices', 'severa', number, true from {{ source('severa', 'invoices') }} where number > 0
