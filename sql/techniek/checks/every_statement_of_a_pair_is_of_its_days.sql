-- stop: what registers of employers say for a pair of years is of a day after
-- its first reference day and not after its second.
with reference_days as (
    select distinct
        year,
        job_date
    from core.open_jobs
    where is_reference_day
)

select
    successions.from_year,
    successions.source_code,
    successions.statement_date
from core.employer_successions as successions
left join reference_days as this_days
    on successions.from_year = this_days.year
left join reference_days as next_days
    on successions.from_year + 1 = next_days.year
where
    coalesce(successions.statement_date <= this_days.job_date, true)
    or coalesce(successions.statement_date > next_days.job_date, true)
