-- warn: no more than 5 % of main jobs a year have an employer without a sector.
with main_jobs as (
    select
        year,
        count(*) as job_count,
        sum(case when sector_code is null then 1 else 0 end)
            as unknown_count
    from core.main_jobs
    where is_reference_day
    group by year
)

select
    year,
    job_count,
    unknown_count
from main_jobs
where unknown_count * 20 > job_count
