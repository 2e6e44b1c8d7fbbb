-- One row per respondent who is technically educated, or whose field of education
-- is not known, and has no technical function, or whose function is not known:
-- the present position, and the first criterion that stands in the way of
-- technical work, or meets_all. Position is as answered; who does not work is
-- in the state of the activity, and unemployed too by the answer. A function
-- that is not known is not "other".
with technical_education as (
    select education_field_code
    from staging.technical_education
    where
        variant = $technical_education
        and $reference_date between valid_from_date and valid_to_date
),

criteria as (
    select criterion
    from staging.redirectable_criteria
    where variant = $redirectable
),

candidates as (
    select
        respondents.*,
        education.education_level,
        education.education_field_code is not null as has_field,
        sector_groups.sector_group,
        respondents.labour_position_code = '1' as is_in_work
    from core.respondents as respondents
    inner join core.respondent_education as education
        on
            respondents.person_id = education.person_id
            and respondents.interview_date = education.interview_date
    left join technical_education
        on
            education.education_field_code
            = technical_education.education_field_code
    left join core.sector_groups as sector_groups
        on respondents.sector_code = sector_groups.sector_code
    where
        (
            education.education_field_code is null
            or technical_education.education_field_code is not null
        )
        and coalesce(not respondents.is_technical_function, true)
),

with_positions as (
    select
        *,
        case
            when coalesce(labour_position_code, '') not in ('1', '2', '3')
                then 'unknown'
            when is_in_work and is_technical_function is null then 'unknown'
            when is_in_work and work_code = 'self_employed' then 'self_employed'
            when is_in_work and sector_group = 'technical'
                then 'other_function_technical_sector'
            when is_in_work and sector_group is null
                then 'other_function_sector_unknown'
            when is_in_work then 'other_function_elsewhere'
            when activity_state_code in ('unemployment', 'assistance', 'student')
                then activity_state_code
            when labour_position_code = '2' then 'unemployment'
            else 'other'
        end as present_position
    from candidates
),

with_criteria as (
    select
        *,
        case
            when present_position = 'unknown' then 'function_unknown'
            when not has_field then 'education_unknown'
            when activity_state_code in ('student', 'pension', 'disability')
                then activity_state_code
            when age > $most_redirectable_age then 'older'
            else 'meets_all'
        end as criterion
    from with_positions
),

redirectable as (
    select
        with_criteria.year,
        with_criteria.person_id,
        with_criteria.household_id,
        with_criteria.weight,
        with_criteria.education_level,
        with_criteria.age_group,
        with_criteria.present_position as position_code,
        with_criteria.criterion,
        case
            when with_criteria.criterion in ('function_unknown', 'education_unknown')
                then null
            else criteria.criterion is not null
        end as is_redirectable,
        with_criteria.is_in_work
    from with_criteria
    left join criteria
        on with_criteria.criterion = criteria.criterion
)

select * from redirectable
order by person_id
