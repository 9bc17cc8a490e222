select kind, greatest(b.first, s.first) as shared_first, least(b.last, s.last) as shared_last
from {{ ref('series') }} as b join {{ ref('series') }} as s using (kind)
where b.system = 'business' and s.system = 'severa'
