select n.kind, n.number, n.system, s.system as of_system, n.without_partner
from {{ ref('numbers') }} as n join {{ ref('series') }} as s using (kind)
where n.number between s.first and s.last
