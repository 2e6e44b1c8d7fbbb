-- One row per person and interview day with a job open on that day.
-- The rule is that of core.main_jobs, on the day of the interview: a function
-- is told for that day, and may not be carried to the reference day.
with interviews as (
    select
        person_id,
        interview_date
    from staging.survey_waves
),

job_periods as (
    select
        person_id,
        job_id,
        employer_id,
        period_start_date,
        period_end_date,
        base_wage_eur,
        base_hours
    from staging.job_periods
),

employers as (
    select
        employer_id,
        sector_code
    from staging.employers
),

open_periods as (
    select
        interviews.person_id,
        interviews.interview_date,
        job_periods.job_id,
        job_periods.employer_id,
        job_periods.base_wage_eur,
        job_periods.base_hours,
        cast(job_periods.period_end_date as integer)
        - cast(job_periods.period_start_date as integer) + 1 as day_count
    from interviews
    inner join job_periods
        on
            interviews.person_id = job_periods.person_id
            and interviews.interview_date >= job_periods.period_start_date
            and interviews.interview_date <= job_periods.period_end_date
),

daily_rates as (
    select
        person_id,
        interview_date,
        job_id,
        employer_id,
        cast(coalesce(base_wage_eur, 0) as decimal(24, 10))
        / cast(day_count as decimal(9, 0)) as wage_per_day,
        cast(coalesce(base_hours, 0) as decimal(24, 10))
        / cast(day_count as decimal(9, 0)) as hours_per_day
    from open_periods
),

jobs as (
    select
        person_id,
        interview_date,
        job_id,
        max(employer_id) as employer_id,
        cast(sum(wage_per_day) as decimal(24, 8)) as wage_per_day_eur,
        cast(sum(hours_per_day) as decimal(24, 8)) as hours_per_day
    from daily_rates
    group by person_id, interview_date, job_id
),

ranked_jobs as (
    select
        person_id,
        interview_date,
        job_id,
        employer_id,
        row_number() over (
            partition by person_id, interview_date
            order by wage_per_day_eur desc, hours_per_day desc, job_id asc
        ) as job_rank
    from jobs
),

survey_jobs as (
    select
        ranked_jobs.person_id,
        ranked_jobs.interview_date,
        ranked_jobs.job_id,
        ranked_jobs.employer_id,
        employers.sector_code
    from ranked_jobs
    left join employers
        on ranked_jobs.employer_id = employers.employer_id
    where ranked_jobs.job_rank = 1
)

select * from survey_jobs
order by person_id nulls first, interview_date nulls first
