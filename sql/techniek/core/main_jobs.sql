-- One row per person with a job on the reference day of the year.
-- The main job pays the highest base wage per calendar day of the rows that
-- cover the day; ties go to hours per calendar day, then to the job id. Rows
-- of one job are added up first. Days differ between rows (four-weekly
-- payers), so totals of rows would favour long rows.
with job_periods as (
    select
        person_id,
        job_id,
        employer_id,
        base_wage_eur,
        base_hours,
        cast(period_end_date as integer)
        - cast(period_start_date as integer) + 1 as day_count
    from staging.job_periods
    where
        cast(cast($year as varchar) || '-' || $reference_day as date)
        between period_start_date and period_end_date
),

employers as (
    select
        employer_id,
        sector_code
    from staging.employers
),

daily_rates as (
    select
        person_id,
        job_id,
        employer_id,
        cast(coalesce(base_wage_eur, 0) as decimal(24, 10))
        / cast(day_count as decimal(9, 0)) as wage_per_day,
        cast(coalesce(base_hours, 0) as decimal(24, 10))
        / cast(day_count as decimal(9, 0)) as hours_per_day
    from job_periods
),

-- Eight decimals: rows of one job that add up to the same are a tie again.
jobs as (
    select
        person_id,
        job_id,
        max(employer_id) as employer_id,
        cast(sum(wage_per_day) as decimal(24, 8)) as wage_per_day_eur,
        cast(sum(hours_per_day) as decimal(24, 8)) as hours_per_day
    from daily_rates
    group by person_id, job_id
),

ranked_jobs as (
    select
        person_id,
        job_id,
        employer_id,
        wage_per_day_eur,
        hours_per_day,
        row_number() over (
            partition by person_id
            order by wage_per_day_eur desc, hours_per_day desc, job_id asc
        ) as job_rank
    from jobs
),

main_jobs as (
    select
        cast($year as integer) as year,
        ranked_jobs.person_id,
        ranked_jobs.job_id,
        ranked_jobs.employer_id,
        employers.sector_code,
        ranked_jobs.wage_per_day_eur,
        ranked_jobs.hours_per_day
    from ranked_jobs
    left join employers
        on ranked_jobs.employer_id = employers.employer_id
    where ranked_jobs.job_rank = 1
)

select * from main_jobs
order by person_id nulls first
