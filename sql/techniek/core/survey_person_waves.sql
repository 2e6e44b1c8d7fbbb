-- One row per person and interview of the labour force survey in the year.
-- Function from the survey, employer and sector from the job open on the day
-- of the interview. The function is null where the respondent does not work
-- or the occupation is not known: unknown is not "not technical". Age is that
-- of the reference day of the interview's year, as in core.person_years.
with survey_waves as (
    select
        person_id,
        respondent_id,
        interview_date,
        wave_number,
        first_wave_weight,
        labour_position_code,
        occupation_code
    from staging.survey_waves
),

residence as (
    select
        person_id,
        age_group
    from core.residence
),

technical_occupations as (
    select occupation_code
    from staging.technical_occupations
    where
        variant = $technical_occupations
        and $reference_date between valid_from_date and valid_to_date
),

main_jobs as (
    select
        person_id,
        job_date,
        job_id,
        employer_id,
        sector_code
    from core.main_jobs
),

with_age as (
    select
        survey_waves.person_id,
        survey_waves.respondent_id,
        survey_waves.interview_date,
        survey_waves.wave_number,
        survey_waves.first_wave_weight,
        survey_waves.occupation_code,
        survey_waves.labour_position_code = '1' as is_working,
        residence.person_id is not null as is_registered,
        coalesce(residence.age_group, 'unknown') as age_group
    from survey_waves
    left join residence
        on survey_waves.person_id = residence.person_id
),

survey_person_waves as (
    select
        cast($year as integer) as year,
        with_age.person_id,
        with_age.interview_date,
        with_age.wave_number,
        with_age.respondent_id,
        with_age.first_wave_weight,
        with_age.is_registered,
        with_age.age_group,
        with_age.is_working,
        with_age.occupation_code,
        case
            when with_age.is_working and with_age.occupation_code is not null
                then technical_occupations.occupation_code is not null
        end as is_technical_function,
        main_jobs.job_id,
        main_jobs.employer_id,
        main_jobs.sector_code
    from with_age
    left join technical_occupations
        on with_age.occupation_code = technical_occupations.occupation_code
    left join main_jobs
        on
            with_age.person_id = main_jobs.person_id
            and with_age.interview_date = main_jobs.job_date
)

select * from survey_person_waves
order by person_id nulls first, interview_date nulls first
