-- One row per person and day on which the survey asks what the registers say:
-- of each interview, and a year (364 days) after each first one, whether or not
-- the fifth was answered.
with survey_waves as (
    select
        person_id,
        interview_date,
        wave_number
    from staging.survey_waves
    where interview_date is not null
),

survey_days as (
    select
        person_id,
        interview_date as survey_date
    from survey_waves
    union
    select
        person_id,
        cast(interview_date + interval '364 days' as date) as survey_date
    from survey_waves
    where wave_number = 1
)

select * from survey_days
order by person_id nulls first, survey_date
