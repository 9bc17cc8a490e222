select * from {{ ref('stg_severa_customers') }}
where active and code is null and id not in (select severa from {{ ref('pairs') }} where same)
