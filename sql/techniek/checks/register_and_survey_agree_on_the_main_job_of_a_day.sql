-- stop: register and survey agree on the main job of the same day.
-- The rule stands in two models; who is interviewed on the reference day
-- goes through both.
with main_jobs as (
    select
        person_id,
        cast(cast(year as varchar) || '-' || $reference_day as date)
            as job_date,
        job_id
    from core.main_jobs
),

interviews as (
    select
        person_id,
        interview_date,
        job_id
    from core.survey_person_waves
)

select
    interviews.person_id,
    interviews.interview_date
from interviews
left join main_jobs
    on
        interviews.person_id = main_jobs.person_id
        and interviews.interview_date = main_jobs.job_date
where
    substr(cast(interviews.interview_date as varchar), 6) = $reference_day
    and (interviews.job_id is distinct from main_jobs.job_id)
