with found as (
    select b.id as business, s.id as severa
    from {{ ref('stg_business_customers') }} as b join {{ ref('stg_severa_customers') }} as s using (code)
    union
    select b.id, s.id from {{ ref('stg_business_customers') }} as b join {{ ref('stg_severa_customers') }} as s using (name_key)
    union
    select b.id, s.id from {{ ref('stg_business_customers') }} as b join {{ ref('stg_severa_customers') }} as s using (body)
    where coalesce(b.country = s.country, true)
),
facts as (
    select business, severa, b.excluded, s.active, s.code as severa_code, b.name_key as business_key,
           s.name_key as severa_key, (b.code = s.code) is true as codes_equal, (b.name_key = s.name_key) is true as names_equal,
           (b.body = s.body and coalesce(b.country = s.country, true)) is true as ids_equal,
           (b.body <> s.body) is true as contradict, b.id_shared or s.id_shared as id_shared
    from found join {{ ref('stg_business_customers') }} as b on b.id = business
    join {{ ref('stg_severa_customers') }} as s on s.id = severa
),
judged as (
    select *, not excluded and active as live, not contradict and (names_equal or ids_equal and not id_shared) as same
    from facts
)
select *, codes_equal and not same and not contradict and (
           similar(business_key, severa_key)
           or list_has_all(string_split(business_key, ' '), string_split(severa_key, ' '))
           or list_has_all(string_split(severa_key, ' '), string_split(business_key, ' '))) as alike
from judged
