select * from {{ ref('stg_severa_customers') }} where active and length(trim(name)) > 80
