-- warn: no more than 2 % of main jobs a year are of people outside the population.
-- A payroll goes on for a while after death or emigration.
with main_jobs as (
    select
        year,
        person_id
    from core.main_jobs
    where is_reference_day
),

person_years as (
    select
        year,
        person_id
    from core.person_years
),

job_counts as (
    select
        main_jobs.year,
        count(*) as job_count,
        count(*) - count(person_years.person_id) as outside_count
    from main_jobs
    left join person_years
        on
            main_jobs.person_id = person_years.person_id
            and main_jobs.year = person_years.year
    group by main_jobs.year
)

select
    year,
    job_count,
    outside_count
from job_counts
where outside_count * 50 > job_count
