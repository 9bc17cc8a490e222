select act_no as id, nullif(trim(customer_no), '') as code, name, {{ company_key('name') }} as name_key,
       {{ body('business_no') }} as body, {{ country('business_no') }} as country, customer_group_value = 1 as excluded,
       count(*) over (partition by {{ body('business_no') }}) > 1 as id_shared
from {{ source('visma_business', 'associates') }}
where customer_no <> '0' and delivery_to = 0
