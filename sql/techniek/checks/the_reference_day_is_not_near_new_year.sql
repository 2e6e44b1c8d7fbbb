-- stop: on each reference day the year holds gap_days before and after it, since
-- a gap without pay is bridged within a year only.
select distinct
    year,
    job_date
from core.open_jobs
where
    is_reference_day
    and (
        date_part('doy', job_date) <= $gap_days
        or date_part('doy', job_date) + $gap_days > 365
    )
