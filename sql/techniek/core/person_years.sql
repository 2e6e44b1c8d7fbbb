-- One row per year and person of the population on the reference day: the
-- state that the person is in, and the employer of who works for one.
-- The order of the states: director by the main job; employee with a job that
-- counts, but for the self-employed whose jobs have fewer than small_job_hours
-- a week together; else what the activity says, where an employee without a
-- job that counts is unclear work.
with residents as (
    select
        person_id,
        age,
        age_group
    from core.residence
    where residence_code = 'resident'
),

activity_spells as (
    select
        person_id,
        secm_code,
        state_code
    from staging.activity_spells
    where $reference_date between start_date and end_date
),

main_jobs as (
    select
        person_id,
        job_id,
        counted_as,
        employer_id,
        sector_code,
        hours_per_week
    from core.main_jobs
    where is_reference_day
),

-- Spells do not overlap; where they do, the smallest code counts.
activities as (
    select
        person_id,
        min(secm_code) as secm_code,
        first_value(state_code order by secm_code) as state_code
    from activity_spells
    group by person_id
),

with_states as (
    select
        residents.person_id,
        residents.age,
        residents.age_group,
        main_jobs.job_id,
        main_jobs.employer_id,
        main_jobs.sector_code,
        main_jobs.job_id is not null as has_job,
        activities.secm_code,
        case
            when main_jobs.counted_as = 'director' then 'director'
            when
                main_jobs.job_id is not null
                and (
                    coalesce(activities.state_code != 'self_employed', true)
                    or main_jobs.hours_per_week >= $small_job_hours
                )
                then 'employee'
            else coalesce(activities.state_code, 'unknown')
        end as state_code
    from residents
    left join main_jobs
        on residents.person_id = main_jobs.person_id
    left join activities
        on residents.person_id = activities.person_id
),

person_years as (
    select
        cast($year as integer) as year,
        person_id,
        age,
        age_group,
        state_code,
        case
            when state_code in ('employee', 'director') then 'employed'
            when state_code in ('self_employed', 'unclear_work')
                then state_code
            else 'not_working'
        end as work_code,
        has_job,
        case when state_code in ('employee', 'director') then job_id end
            as job_id,
        case when state_code in ('employee', 'director') then employer_id end
            as employer_id,
        case when state_code in ('employee', 'director') then sector_code end
            as sector_code,
        secm_code
    from with_states
)

select * from person_years
order by person_id nulls first
