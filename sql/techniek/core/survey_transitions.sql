-- One row per respondent asked first in from_year and in scope a year later:
-- the groups of sectors, both readings of the function at the end, and the
-- cell of attrition: function and sector group at the first interview, beside
-- what the registers say of the year after it. In the reading with_job_change
-- another function counts only where something else tells of a change: work of
-- another kind, another employer (corrected), another job id but for one that
-- came with a link, less than twelve months with the employer, or another
-- position. Another code alone may be the coder's.
with pairs as (
    select
        pairs.*,
        employers.is_same_employer_later_raw,
        employers.is_same_employer_later,
        employers.is_same_employer,
        coalesce(
            pairs.from_work_code != pairs.to_work_code, false
        )
        or coalesce(not employers.is_same_employer, false)
        or coalesce(
            pairs.from_job_id != pairs.to_job_id
            and coalesce(
                employers.is_same_employer_raw or not employers.is_same_employer,
                true
            ), false
        )
        or coalesce(pairs.to_tenure_months < 12, false)
        or coalesce(pairs.from_position_code != pairs.to_position_code, false)
            as is_job_changed
    from core.survey_pairs as pairs
    left join core.survey_employers as employers
        on
            pairs.person_id = employers.person_id
            and pairs.from_interview_date = employers.from_interview_date
    where pairs.scope_code = 'in_scope'
),

with_groups as (
    select
        pairs.*,
        from_groups.sector_group as from_group,
        to_groups.sector_group as to_group,
        register_groups.sector_group as from_register_group,
        later_groups.sector_group as later_register_group
    from pairs
    left join core.sector_groups as from_groups
        on pairs.from_sector_code = from_groups.sector_code
    left join core.sector_groups as to_groups
        on pairs.to_sector_code = to_groups.sector_code
    left join core.sector_groups as register_groups
        on pairs.from_register_sector_code = register_groups.sector_code
    left join core.sector_groups as later_groups
        on pairs.later_register_sector_code = later_groups.sector_code
),

survey_transitions as (
    select
        from_year,
        person_id,
        from_interview_date,
        household_id,
        weight,
        from_age_group,
        from_work_code,
        from_occupation_code,
        from_is_technical_function,
        from_group,
        from_register_group,
        from_job_id is not null and later_job_id is not null as has_job_later,
        is_same_employer_later_raw,
        is_same_employer_later,
        case
            when from_work_code = 'not_working' then 'not_working'
            when from_work_code = 'unknown' then 'unknown'
            when from_is_technical_function is null or from_group is null
                then 'unknown'
            when from_is_technical_function then 'technical'
            else 'other'
        end as cell_function_code,
        case
            when
                from_work_code in ('employee', 'self_employed')
                and from_is_technical_function is not null
                then coalesce(from_group, 'none')
            else 'none'
        end as cell_sector_group,
        case
            when later_job_id is null then 'no_job'
            when from_job_id is null then 'other_employer_other_group'
            when is_same_employer_later then 'same_employer'
            when is_same_employer_later is null then 'unknown'
            when from_register_group = later_register_group
                then 'other_employer_same_group'
            when from_register_group != later_register_group
                then 'other_employer_other_group'
            else 'unknown'
        end as cell_register_code,
        has_answered,
        to_work_code,
        to_is_technical_function,
        case
            when to_is_technical_function = from_is_technical_function
                then to_is_technical_function
            when from_is_technical_function is null or is_job_changed
                then to_is_technical_function
            when to_is_technical_function is not null
                then from_is_technical_function
        end as to_is_technical_with_job_change,
        to_group,
        to_activity_state_code,
        is_same_employer
    from with_groups
)

select * from survey_transitions
order by person_id nulls first, from_interview_date nulls first
