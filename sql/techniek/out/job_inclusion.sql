-- One row per year and what jobs open on the reference day count as: employee
-- or director, or the reason why they are left out. Jobs of everybody with a key
-- of the population register, resident or not.
with open_jobs as (
    select
        year,
        person_id,
        counted_as
    from core.open_jobs
    where is_reference_day
),

job_inclusion as (
    select
        year,
        counted_as as reason,
        count(*) as job_count,
        count(distinct person_id) as person_count,
        count(distinct person_id) as unweighted_count,
        'jobs open on the reference day' as denominator_label
    from open_jobs
    group by year, counted_as
)

select * from job_inclusion
order by year, reason
