select * from {{ ref('pairs') }} where open and choices > 1 or by_shared_id
