select * from {{ ref('pairs') }} where codes_equal and (same or alike) and not names_equal
