select * from {{ ref('pairs') }} where excluded and active and same
