-- One row per person with a first interview in from_year and a fifth, a year
-- later. No weight is delivered for pairs: the weight of wave 1 is taken, so
-- who drops out between the waves is taken to be like who stays. The sector of
-- the end is by the first year's list of employers (see core.transitions). An
-- interview on a day of another year than its file's has no jobs here, and makes
-- no pair.
with first_waves as (
    select
        person_id,
        respondent_id,
        interview_date,
        first_wave_weight,
        age_group,
        is_working,
        is_technical_function,
        job_id,
        employer_id,
        sector_code
    from core.survey_person_waves
    where
        year = $year
        and wave_number = 1
        and date_part('year', interview_date) = $year
),

fifth_waves as (
    select
        person_id,
        respondent_id,
        interview_date,
        is_working,
        is_technical_function,
        job_id,
        employer_id,
        sector_code
    from core.survey_person_waves
    where
        year = $year + 1
        and wave_number = 5
        and date_part('year', interview_date) = $year + 1
),

employers as (
    select
        employer_id,
        sector_code
    from staging.employers
),

survey_pairs as (
    select
        cast($year as integer) as from_year,
        first_waves.person_id,
        first_waves.interview_date as from_interview_date,
        fifth_waves.interview_date as to_interview_date,
        first_waves.first_wave_weight,
        first_waves.age_group as from_age_group,
        first_waves.is_working as from_is_working,
        first_waves.is_technical_function as from_is_technical_function,
        first_waves.job_id as from_job_id,
        first_waves.employer_id as from_employer_id,
        first_waves.sector_code as from_sector_code,
        fifth_waves.is_working as to_is_working,
        fifth_waves.is_technical_function as to_is_technical_function,
        fifth_waves.job_id as to_job_id,
        fifth_waves.employer_id as to_employer_id,
        case
            when first_waves.employer_id = fifth_waves.employer_id
                then first_waves.sector_code
            else coalesce(employers.sector_code, fifth_waves.sector_code)
        end as to_sector_code
    from first_waves
    inner join fifth_waves
        on
            first_waves.person_id = fifth_waves.person_id
            and first_waves.respondent_id = fifth_waves.respondent_id
    left join employers
        on fifth_waves.employer_id = employers.employer_id
)

select * from survey_pairs
order by person_id nulls first, from_interview_date nulls first
