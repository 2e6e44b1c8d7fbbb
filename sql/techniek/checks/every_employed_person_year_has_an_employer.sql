-- stop: every employed person-year has an employer.
select
    year,
    person_id
from core.person_years
where is_employed and employer_id is null
