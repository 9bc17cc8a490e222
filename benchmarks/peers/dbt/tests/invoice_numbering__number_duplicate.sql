select number from {{ source('severa', 'invoices') }}
where number > 0 group by number having count(*) > 1
