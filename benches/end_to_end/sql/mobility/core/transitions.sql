-- One row per person with a main job on the first of two reference days.
-- An unknown sector is never the same sector.
with this_year as (
    select
        person_id,
        employer_id,
        sector_code,
        wage_eur
    from core.main_jobs
    where year = $year
),

next_year as (
    select
        person_id,
        employer_id,
        sector_code
    from core.main_jobs
    where year = $year + 1
),

transitions as (
    select
        this_year.person_id,
        this_year.sector_code as from_sector_code,
        this_year.wage_eur as from_wage_eur,
        case
            when next_year.person_id is null then 'no_job'
            when this_year.employer_id = next_year.employer_id
                then 'same_employer'
            when this_year.sector_code = next_year.sector_code
                then 'other_employer_same_sector'
            else 'other_sector'
        end as transition_code
    from this_year
    left join next_year
        on this_year.person_id = next_year.person_id
)

select * from transitions
order by person_id nulls first
