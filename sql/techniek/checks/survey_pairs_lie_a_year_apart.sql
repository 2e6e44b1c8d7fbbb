-- warn: every fifth interview lies a year after the first, give or take two weeks.
-- One on another day is no answer a year later, and makes no pair.
with waves as (
    select
        year,
        person_id,
        respondent_id,
        wave_number,
        cast(interview_date as integer) as day
    from core.survey_person_waves
)

select
    fifth_waves.year,
    fifth_waves.person_id
from waves as fifth_waves
inner join waves as first_waves
    on
        fifth_waves.person_id = first_waves.person_id
        and fifth_waves.respondent_id = first_waves.respondent_id
where
    fifth_waves.wave_number = 5
    and first_waves.wave_number = 1
    and coalesce(
        fifth_waves.day - first_waves.day not between 351 and 380, true
    )
