-- warn: jobs and pay periods end not before they begin.
-- Such a period covers no day, so it makes no main job.
select
    person_id,
    job_id,
    period_start_date
from staging.job_periods
where
    period_end_date < period_start_date
    or job_end_date < job_start_date
