-- One row per person and day that asks for a main job (see core.open_jobs),
-- among the jobs that count.
-- The rule is the parameter main_job_rule: the highest wage per calendar day,
-- the most hours, or the longest tenure. Ties go to wage, hours and then to the
-- job id; what is not known comes last. A start that is not delivered lies
-- before the year. Hours a week are of all jobs that count together, of a job
-- whose hours are not known the least of its class, and of one without a class
-- so many that the job is not small.
with open_jobs as (
    select
        person_id,
        job_date,
        job_id,
        is_reference_day,
        counted_as,
        employer_id,
        wage_per_day_eur,
        hours_per_day,
        case $main_job_rule
            when 'wage' then wage_per_day_eur
            when 'hours' then hours_per_day
            when 'tenure'
                then cast(
                    cast(job_date as integer)
                    - cast(
                        coalesce(job_start_date, date '1900-01-01') as integer
                    ) as decimal(24, 8)
                )
        end as rank_value,
        coalesce(
            hours_per_day * 7,
            case hours_class_code
                when '1' then 0
                when '2' then 12
                when '3' then 20
                when '4' then 25
                when '5' then 30
                when '6' then 35
            end,
            $small_job_hours
        ) as hours_of_job
    from core.open_jobs
    where counted_as in ('employee', 'director')
),

employers as (
    select
        employer_id,
        sector_code
    from staging.employers
),

days as (
    select
        person_id,
        job_date,
        count(*) as job_count,
        sum(hours_of_job) as hours_per_week
    from open_jobs
    group by person_id, job_date
),

jobs_of_days as (
    select
        open_jobs.*,
        days.job_count,
        days.hours_per_week
    from open_jobs
    inner join days
        on
            open_jobs.person_id = days.person_id
            and open_jobs.job_date = days.job_date
),

-- Nearly everybody has one job, and only several are held against each other.
ranked_jobs as (
    select
        *,
        row_number() over (
            partition by person_id, job_date
            order by
                rank_value desc nulls last,
                wage_per_day_eur desc nulls last,
                hours_per_day desc nulls last,
                job_id asc
        ) as job_rank
    from jobs_of_days
    where job_count > 1
    union all
    select
        *,
        1 as job_rank
    from jobs_of_days
    where job_count = 1
),

-- Four decimals: 48 hours in four weeks are twelve hours a week.
main_jobs as (
    select
        cast($year as integer) as year,
        ranked_jobs.person_id,
        ranked_jobs.job_date,
        ranked_jobs.is_reference_day,
        ranked_jobs.job_id,
        ranked_jobs.counted_as,
        ranked_jobs.employer_id,
        employers.sector_code,
        cast(ranked_jobs.hours_per_week as decimal(12, 4)) as hours_per_week
    from ranked_jobs
    left join employers
        on ranked_jobs.employer_id = employers.employer_id
    where ranked_jobs.job_rank = 1
)

select * from main_jobs
order by person_id nulls first, job_date nulls first
