-- warn: half of the population of each age group of 15 to 74 has a record of education.
-- Fewer of the old and of those born abroad have one, so shares by education
-- speak less for them.
with counts as (
    select
        person_years.year,
        person_years.age_group,
        count(*) as person_count,
        sum(case when education.has_record then 1 else 0 end) as record_count
    from core.person_years as person_years
    inner join core.person_education as education
        on
            person_years.year = education.year
            and person_years.person_id = education.person_id
    where person_years.age_group not in ('other', 'unknown')
    group by person_years.year, person_years.age_group
)

select
    year,
    age_group,
    person_count,
    record_count
from counts
where record_count * 2 < person_count
