select * from {{ ref('pairs') }} where open and choices = 1 and severa_code is not null
