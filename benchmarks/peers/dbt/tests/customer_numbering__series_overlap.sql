select * from {{ ref('series_pairs') }} where kind = 'customers' and shared_first <= shared_last
