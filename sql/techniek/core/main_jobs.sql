-- One row per person and day that asks for a main job (see core.open_jobs).
-- The rule is the parameter main_job_rule: the highest wage per calendar day,
-- the most hours, or the longest tenure. Ties go to wage, hours and then to the
-- job id. A start that is not delivered lies before the year.
with open_jobs as (
    select
        person_id,
        job_date,
        job_id,
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
        end as rank_value
    from core.open_jobs
),

employers as (
    select
        employer_id,
        sector_code
    from staging.employers
),

ranked_jobs as (
    select
        person_id,
        job_date,
        job_id,
        employer_id,
        row_number() over (
            partition by person_id, job_date
            order by
                rank_value desc,
                wage_per_day_eur desc,
                hours_per_day desc,
                job_id asc
        ) as job_rank
    from open_jobs
),

main_jobs as (
    select
        cast($year as integer) as year,
        ranked_jobs.person_id,
        ranked_jobs.job_date,
        ranked_jobs.job_id,
        ranked_jobs.employer_id,
        employers.sector_code
    from ranked_jobs
    left join employers
        on ranked_jobs.employer_id = employers.employer_id
    where ranked_jobs.job_rank = 1
)

select * from main_jobs
order by person_id nulls first, job_date nulls first
