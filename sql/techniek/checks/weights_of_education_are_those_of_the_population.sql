-- stop: the education table has each person of the population once, with the weights of the education file.
with published as (
    select
        year,
        sum(person_weight) as person_weight,
        sum(person_count) as person_count
    from out.education_sector
    group by year
),

residents as (
    select
        year,
        person_id
    from core.residence
    where residence_code = 'resident'
),

education_years as (
    select
        year,
        min(education_year) as education_year
    from core.person_education
    group by year
),

registered as (
    select
        residents.year,
        sum(coalesce(education.education_weight, 0)) as person_weight,
        count(*) as person_count
    from residents
    left join education_years
        on residents.year = education_years.year
    left join core.education as education
        on
            residents.person_id = education.person_id
            and education_years.education_year = education.year
    group by residents.year
)

select registered.year
from registered
left join published
    on registered.year = published.year
where
    published.year is null
    or registered.person_weight != published.person_weight
    or registered.person_count != published.person_count
