-- One row per person with a job on the reference day.
-- The main job pays the highest base wage; ties go to hours, then to the
-- smallest job and employer id.
with jobs as (
    select
        person_id,
        job_id,
        employer_id,
        wage_eur,
        hours
    from staging.jobs
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
        employer_id,
        wage_eur,
        row_number() over (
            partition by person_id
            order by
                wage_eur desc nulls last,
                hours desc nulls last,
                job_id asc,
                employer_id asc
        ) as job_rank
    from jobs
),

main_jobs as (
    select
        cast($year as integer) as year,
        ranked_jobs.person_id,
        ranked_jobs.employer_id,
        ranked_jobs.wage_eur,
        employers.sector_code
    from ranked_jobs
    left join employers
        on ranked_jobs.employer_id = employers.employer_id
    where ranked_jobs.job_rank = 1
)

select * from main_jobs
order by person_id nulls first
