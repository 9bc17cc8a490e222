select * from {{ ref('series_pairs') }} where kind = 'invoices' and shared_first <= shared_last
