-- warn: no more than 2 % of employees and directors a year lack an employer.
with person_years as (
    select
        year,
        count(*) as employed_count,
        count(*) - count(employer_id) as unknown_count
    from core.person_years
    where work_code = 'employed'
    group by year
)

select
    year,
    employed_count,
    unknown_count
from person_years
where unknown_count * 50 > employed_count
