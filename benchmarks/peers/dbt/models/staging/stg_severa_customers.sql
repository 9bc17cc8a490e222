select guid as id, nullif(number, 0)::varchar as code, name, {{ company_key('name') }} as name_key,
       {{ body('vat_number') }} as body, {{ country('vat_number') }} as country, is_active as active,
       count(*) over (partition by {{ body('vat_number') }}) > 1 as id_shared
from {{ source('severa', 'customers') }}
