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

first_jobs as (
    select
        person_id,
        first_value(
            employer_id order by
                wage_eur desc nulls last,
                hours desc nulls last,
                job_id asc,
                employer_id asc
        ) as employer_id,
        max(wage_eur) as wage_eur
    from jobs
    group by person_id
),

main_jobs as (
    select
        cast($year as integer) as year,
        first_jobs.person_id,
        first_jobs.employer_id,
        first_jobs.wage_eur,
        employers.sector_code
    from first_jobs
    left join employers
        on first_jobs.employer_id = employers.employer_id
)

select * from main_jobs
order by person_id nulls first
