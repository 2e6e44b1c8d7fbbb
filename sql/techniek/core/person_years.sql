-- One row per year and person of the population on the reference day.
-- The population is everybody registered, born, alive and resident that day.
-- Who works is said by a job, not by the activity: that is the state of those
-- without one. Age is in completed years; the day of birth is not delivered,
-- so the birthday counts from the month after birth, and an unknown month is
-- July.
with persons as (
    select
        person_id,
        birth_year,
        birth_month,
        sex_code
    from staging.persons
),

deaths as (
    select person_id
    from staging.deaths
),

emigrations as (
    select person_id
    from staging.emigrations
),

activity_spells as (
    select
        person_id,
        secm_code
    from staging.activity_spells
    where
        cast(cast($year as varchar) || '-' || $reference_day as date)
        between start_date and end_date
),

main_jobs as (
    select
        person_id,
        job_id,
        employer_id,
        sector_code
    from core.main_jobs
    where
        job_date
        = cast(cast($year as varchar) || '-' || $reference_day as date)
),

-- Spells do not overlap; where they do, the smallest code counts.
activities as (
    select
        person_id,
        min(secm_code) as secm_code
    from activity_spells
    group by person_id
),

living as (
    select
        persons.person_id,
        persons.sex_code,
        cast($year as integer) - persons.birth_year
        - case
            when
                coalesce(persons.birth_month, 7)
                >= cast(substr($reference_day, 1, 2) as integer)
                then 1
            else 0
        end as age
    from persons
    left anti join deaths
        on persons.person_id = deaths.person_id
),

residents as (
    select
        living.person_id,
        living.sex_code,
        cast(living.age as integer) as age
    from living
    left anti join emigrations
        on living.person_id = emigrations.person_id
    where living.age is null or living.age >= 0
),

person_years as (
    select
        cast($year as integer) as year,
        residents.person_id,
        residents.sex_code,
        residents.age,
        case
            when residents.age is null then 'unknown'
            when residents.age between 15 and 24 then '15-24'
            when residents.age between 25 and 34 then '25-34'
            when residents.age between 35 and 44 then '35-44'
            when residents.age between 45 and 54 then '45-54'
            when residents.age between 55 and 64 then '55-64'
            when residents.age between 65 and 74 then '65-74'
            else 'other'
        end as age_group,
        main_jobs.job_id is not null as is_employed,
        main_jobs.job_id,
        main_jobs.employer_id,
        main_jobs.sector_code,
        activities.secm_code
    from residents
    left join main_jobs
        on residents.person_id = main_jobs.person_id
    left join activities
        on residents.person_id = activities.person_id
)

select * from person_years
order by person_id nulls first
