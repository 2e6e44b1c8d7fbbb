-- One row per person and interview in the year's file: what was answered,
-- beside what the registers say of the day. Function from the survey, employer
-- from the main job on the day. The function is null where the respondent does
-- not work or the occupation is not known: unknown is not "not technical". Age
-- is that of the interview day, in completed years; as in core.residence the
-- birthday counts from the month after birth, and an unknown month is July.
-- The sector of an employer is by the list of the file's year, and by the day's
-- for one that is not on it.
-- Who has a job that counts is an employee, whatever the answer; the
-- self-employed are so by their answer; work as an employee without such a job
-- is unknown, not out of work. The sector is that of the parameter
-- survey_sector, and of the self-employed always the answer.
with persons as (
    select
        person_id,
        birth_year,
        coalesce(birth_month, 7) as birth_month
    from staging.persons
),

technical_occupations as (
    select occupation_code
    from staging.technical_occupations
    where
        variant = $technical_occupations
        and $reference_date between valid_from_date and valid_to_date
),

with_registers as (
    select
        survey_waves.*,
        survey_waves.labour_position_code = '1' as is_working,
        persons.person_id is not null as is_registered,
        cast(
            date_part('year', survey_waves.interview_date) - persons.birth_year
            - case
                when
                    persons.birth_month
                    >= date_part('month', survey_waves.interview_date)
                    then 1
                else 0
            end as integer
        ) as age,
        states.activity_state_code,
        states.job_id,
        states.employer_id,
        coalesce(employers.sector_code, states.sector_code)
            as register_sector_code,
        technical_occupations.occupation_code is not null as is_on_the_list
    from staging.survey_waves as survey_waves
    left join persons
        on survey_waves.person_id = persons.person_id
    left join core.survey_day_states as states
        on
            survey_waves.person_id = states.person_id
            and survey_waves.interview_date = states.survey_date
    left join staging.employers as employers
        on states.employer_id = employers.employer_id
    left join technical_occupations
        on survey_waves.occupation_code = technical_occupations.occupation_code
),

with_work as (
    select
        *,
        case
            when job_id is not null then 'employee'
            when not is_working then 'not_working'
            when is_working and position_code in ('5', '6', '7')
                then 'self_employed'
            else 'unknown'
        end as work_code
    from with_registers
),

survey_person_waves as (
    select
        year,
        person_id,
        interview_date,
        wave_number,
        respondent_id,
        household_id,
        first_wave_weight,
        is_registered,
        age,
        case
            when age is null then 'unknown'
            when age between 15 and 24 then '15-24'
            when age between 25 and 34 then '25-34'
            when age between 35 and 44 then '35-44'
            when age between 45 and 54 then '45-54'
            when age between 55 and 64 then '55-64'
            when age between 65 and 74 then '65-74'
            else 'other'
        end as age_group,
        is_working,
        labour_position_code,
        position_code,
        tenure_months,
        occupation_code,
        case when is_working and occupation_code is not null then is_on_the_list end
            as is_technical_function,
        work_code,
        activity_state_code,
        job_id,
        employer_id,
        register_sector_code,
        answered_sector_code,
        case
            when work_code = 'self_employed' then answered_sector_code
            when work_code != 'employee' then null
            when $survey_sector = 'answer' then answered_sector_code
            else register_sector_code
        end as sector_code
    from with_work
)

select * from survey_person_waves
order by person_id nulls first, interview_date nulls first
