select * from {{ ref('pairs') }} where codes_equal and not same and not alike
