select * from {{ ref('pairs') }}
where live and names_equal and contradict and not codes_equal
  and not (business_linked and severa_linked)
