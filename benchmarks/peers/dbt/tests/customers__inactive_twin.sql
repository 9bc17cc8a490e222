select * from {{ ref('pairs') }}
where not excluded and not active and same and not codes_equal and not business_linked
