-- One row per person, day and job open on that day: the reference day for
-- everybody, and the day of each interview for who was interviewed, because a
-- function is told for that day. Pay and hours are those per calendar day of the
-- rows that cover the day, all rows of a job together: days differ between rows
-- (four-weekly payers), so totals of rows would favour long rows.
with job_periods as (
    select
        person_id,
        job_id,
        employer_id,
        period_start_date,
        period_end_date,
        job_start_date,
        base_wage_eur,
        base_hours,
        cast(period_end_date as integer)
        - cast(period_start_date as integer) + 1 as day_count
    from staging.job_periods
),

interviews as (
    select
        person_id,
        interview_date
    from staging.survey_waves
    where
        interview_date
        != cast(cast($year as varchar) || '-' || $reference_day as date)
),

open_periods as (
    select
        person_id,
        cast(cast($year as varchar) || '-' || $reference_day as date)
            as job_date,
        job_id,
        employer_id,
        job_start_date,
        base_wage_eur,
        base_hours,
        day_count
    from job_periods
    where
        cast(cast($year as varchar) || '-' || $reference_day as date)
        between period_start_date and period_end_date
    union all
    select
        interviews.person_id,
        interviews.interview_date as job_date,
        job_periods.job_id,
        job_periods.employer_id,
        job_periods.job_start_date,
        job_periods.base_wage_eur,
        job_periods.base_hours,
        job_periods.day_count
    from interviews
    inner join job_periods
        on
            interviews.person_id = job_periods.person_id
            and interviews.interview_date >= job_periods.period_start_date
            and interviews.interview_date <= job_periods.period_end_date
),

-- Eight decimals: rows of one job that add up to the same are a tie again.
open_jobs as (
    select
        cast($year as integer) as year,
        person_id,
        job_date,
        job_id,
        max(employer_id) as employer_id,
        min(job_start_date) as job_start_date,
        cast(sum(
            cast(coalesce(base_wage_eur, 0) as decimal(24, 10))
            / cast(day_count as decimal(9, 0))
        ) as decimal(24, 8)) as wage_per_day_eur,
        cast(sum(
            cast(coalesce(base_hours, 0) as decimal(24, 10))
            / cast(day_count as decimal(9, 0))
        ) as decimal(24, 8)) as hours_per_day
    from open_periods
    group by person_id, job_date, job_id
)

select * from open_jobs
order by person_id nulls first, job_date nulls first, job_id nulls first
