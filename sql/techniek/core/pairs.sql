-- One row per from_year and person in the population at either reference day:
-- state, employer and whereabouts at both.
with this_residence as (
    select
        person_id,
        residence_code
    from core.residence
    where year = $year
),

next_residence as (
    select
        person_id,
        residence_code,
        is_entered_administratively
    from core.residence
    where year = $year + 1
),

this_year as (
    select
        person_id,
        age_group,
        state_code,
        work_code,
        employer_id,
        sector_code
    from core.person_years
    where year = $year
),

next_year as (
    select
        person_id,
        state_code,
        work_code,
        employer_id,
        sector_code
    from core.person_years
    where year = $year + 1
),

pairs as (
    select
        cast($year as integer) as from_year,
        next_residence.person_id,
        coalesce(this_residence.residence_code, 'unborn')
            as from_residence_code,
        next_residence.residence_code as to_residence_code,
        next_residence.is_entered_administratively,
        this_year.age_group as from_age_group,
        this_year.state_code as from_state_code,
        this_year.work_code as from_work_code,
        this_year.employer_id as from_employer_id,
        this_year.sector_code as from_sector_code,
        next_year.state_code as to_state_code,
        next_year.work_code as to_work_code,
        next_year.employer_id as to_employer_id,
        next_year.sector_code as to_sector_code
    from next_residence
    left join this_residence
        on next_residence.person_id = this_residence.person_id
    left join this_year
        on next_residence.person_id = this_year.person_id
    left join next_year
        on next_residence.person_id = next_year.person_id
    where this_year.person_id is not null or next_year.person_id is not null
)

select * from pairs
order by person_id nulls first
