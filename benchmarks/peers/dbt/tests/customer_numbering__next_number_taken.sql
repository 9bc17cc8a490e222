select min(number) as lowest from {{ ref('numbers_in_series') }}
where kind = 'customers' and system = 'severa' and of_system = 'severa' having count(*) > 0
