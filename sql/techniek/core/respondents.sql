-- One row per person asked first in the year, of those for whom the survey is to
-- speak: in the population register, of 15 to 74 on the day, with a weight. The
-- weight is that of wave 1 of this year: those of one year add up to its
-- population, and those of two years to nobody.
with survey_person_waves as (
    select *
    from core.survey_person_waves
    where
        wave_number = 1
        and interview_date is not null
        and is_registered
        and age_group not in ('other', 'unknown')
        and first_wave_weight > 0
),

respondents as (
    select
        year,
        person_id,
        interview_date,
        respondent_id,
        household_id,
        first_wave_weight as weight,
        age,
        age_group,
        work_code,
        labour_position_code,
        position_code,
        activity_state_code,
        occupation_code,
        is_technical_function,
        job_id,
        employer_id,
        register_sector_code,
        answered_sector_code,
        sector_code
    from survey_person_waves
)

select * from respondents
order by person_id nulls first, interview_date nulls first
