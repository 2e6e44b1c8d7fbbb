-- One row per respondent asked first in from_year: what was answered then, what
-- the registers say a year (364 days) later, and what was answered in the fifth
-- interview, where there is one, give or take two weeks. Who has died or left within the year is out of
-- scope, and so is who would be asked after the last year of the study; neither
-- is attrition. The sector of an end is by the first year's list of employers,
-- and by its own day's for an employer that is not on it; who stays with the
-- employer stays in the sector.
with respondents as (
    select
        *,
        cast(interview_date + interval '364 days' as date) as later_date
    from core.respondents
),

fifth_waves as (
    select *
    from core.survey_person_waves
    where year in ($year, $year + 1) and wave_number = 5
),

joined as (
    select
        respondents.*,
        later.survey_date is not null as is_observed,
        later.presence_code as later_presence_code,
        later.job_id as later_job_id,
        later.employer_id as later_employer_id,
        case
            when respondents.employer_id = later.employer_id
                then respondents.register_sector_code
            else coalesce(later_employers.sector_code, later.sector_code)
        end as later_register_sector_code,
        fifth_waves.interview_date as to_interview_date,
        fifth_waves.work_code as to_work_code,
        fifth_waves.position_code as to_position_code,
        fifth_waves.tenure_months as to_tenure_months,
        fifth_waves.is_technical_function as to_is_technical_function,
        fifth_waves.activity_state_code as to_activity_state_code,
        fifth_waves.job_id as to_job_id,
        fifth_waves.employer_id as to_employer_id,
        case
            when
                fifth_waves.work_code != 'employee'
                or $survey_sector = 'answer'
                then fifth_waves.sector_code
            when respondents.employer_id = fifth_waves.employer_id
                then respondents.register_sector_code
            else coalesce(to_employers.sector_code, fifth_waves.sector_code)
        end as to_sector_code
    from respondents
    left join core.survey_day_states as later
        on
            respondents.person_id = later.person_id
            and respondents.later_date = later.survey_date
    left join fifth_waves
        on
            respondents.person_id = fifth_waves.person_id
            and respondents.respondent_id = fifth_waves.respondent_id
            and cast(fifth_waves.interview_date as integer)
            - cast(respondents.interview_date as integer) between 351 and 380
    left join staging.employers as later_employers
        on later.employer_id = later_employers.employer_id
    left join staging.employers as to_employers
        on fifth_waves.employer_id = to_employers.employer_id
),

survey_pairs as (
    select
        year as from_year,
        person_id,
        interview_date as from_interview_date,
        respondent_id,
        household_id,
        weight,
        age_group as from_age_group,
        work_code as from_work_code,
        position_code as from_position_code,
        occupation_code as from_occupation_code,
        is_technical_function as from_is_technical_function,
        job_id as from_job_id,
        employer_id as from_employer_id,
        register_sector_code as from_register_sector_code,
        sector_code as from_sector_code,
        later_date,
        case
            when not is_observed then 'not_observed'
            when later_presence_code = 'dead' then 'died'
            when later_presence_code = 'abroad' then 'emigrated'
            else 'in_scope'
        end as scope_code,
        later_job_id,
        later_employer_id,
        later_register_sector_code,
        to_interview_date is not null as has_answered,
        to_interview_date,
        to_work_code,
        to_position_code,
        to_tenure_months,
        to_is_technical_function,
        to_activity_state_code,
        to_job_id,
        to_employer_id,
        to_sector_code
    from joined
)

select * from survey_pairs
order by person_id nulls first, from_interview_date nulls first
