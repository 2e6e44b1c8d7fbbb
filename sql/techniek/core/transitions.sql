-- One row per from_year and person of that year's population.
-- One exclusive class per person: death goes before emigration, leaving the
-- population before work, employer before sector. A sector that is unknown at
-- either end is never the same sector. Nobody should be unaccounted for.
with this_year as (
    select
        person_id,
        age_group,
        is_employed,
        employer_id,
        sector_code
    from core.person_years
    where year = $year
),

next_year as (
    select
        person_id,
        is_employed,
        employer_id,
        sector_code,
        secm_code
    from core.person_years
    where year = $year + 1
),

deaths as (
    select person_id
    from staging.deaths
),

emigrations as (
    select
        person_id,
        min(emigration_date) as emigration_date
    from staging.emigrations
    group by person_id
),

pairs as (
    select
        this_year.person_id,
        this_year.age_group as from_age_group,
        this_year.is_employed as from_is_employed,
        this_year.employer_id as from_employer_id,
        this_year.sector_code as from_sector_code,
        next_year.person_id is not null as is_resident_next_year,
        next_year.is_employed as to_is_employed,
        next_year.employer_id as to_employer_id,
        next_year.sector_code as to_sector_code,
        next_year.secm_code as to_secm_code,
        deaths.person_id is not null as is_dead_next_year,
        emigrations.person_id is not null as is_abroad_next_year
    from this_year
    left join next_year
        on this_year.person_id = next_year.person_id
    left join deaths
        on this_year.person_id = deaths.person_id
    left join emigrations
        on this_year.person_id = emigrations.person_id
),

transitions as (
    select
        cast($year as integer) as from_year,
        person_id,
        from_age_group,
        from_is_employed,
        from_employer_id,
        from_sector_code,
        to_is_employed,
        to_employer_id,
        to_sector_code,
        to_secm_code,
        from_employer_id = to_employer_id as is_same_employer,
        from_sector_code = to_sector_code as is_same_sector,
        case
            when is_dead_next_year then 'died'
            when is_abroad_next_year then 'emigrated'
            when not is_resident_next_year then 'unaccounted'
            when not from_is_employed and to_is_employed then 'enters'
            when not from_is_employed then 'not_employed_stays'
            when not to_is_employed
                then 'out_' || coalesce(to_secm_code, 'unknown')
            when from_employer_id = to_employer_id then 'same_employer'
            when from_sector_code = to_sector_code
                then 'other_employer_same_sector'
            else 'other_sector'
        end as transition_code
    from pairs
)

select * from transitions
order by person_id nulls first
