with linked as (
    select business, severa from {{ ref('compared') }} where codes_equal and (same or alike)
),
known as (
    select *, business in (select business from linked) as business_linked,
           severa in (select severa from linked) as severa_linked
    from {{ ref('compared') }}
),
opened as (
    select *, live and same and not codes_equal and not business_linked and not severa_linked as open,
           live and ids_equal and not same and not codes_equal and not business_linked and not severa_linked
           and not bool_or(live and same) over (partition by business)
           and not bool_or(live and same) over (partition by severa) as by_shared_id
    from known
)
select *, greatest(count(*) filter (where open) over (partition by business),
                   count(*) filter (where open) over (partition by severa)) as choices
from opened
