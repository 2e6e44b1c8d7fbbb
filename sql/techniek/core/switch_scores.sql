-- Scores of changes of employer by function: one row per rule of employers,
-- sector group, function, age group and respondent asked first in from_year who
-- works for an employer then and a year later, by the registers. The
-- function is that of the first interview; nothing of the fifth is asked, so
-- all in scope count, with the weight of the first. Economic-administrative
-- functions are class 04 of the BRC 2014, and are among the others. Of an
-- employer that is not known at either end the outcome is not.
with employed as (
    select
        *,
        case when from_is_technical_function then 'technical' else 'other' end
            as function_code
    from core.survey_transitions
    where has_job_later and from_is_technical_function is not null
),

with_classes as (
    select
        from_year,
        person_id,
        household_id,
        weight,
        from_group,
        from_age_group,
        function_code,
        is_same_employer_later_raw,
        is_same_employer_later
    from employed
    union all
    select
        from_year,
        person_id,
        household_id,
        weight,
        from_group,
        from_age_group,
        'economic_administrative' as function_code,
        is_same_employer_later_raw,
        is_same_employer_later
    from employed
    where from_occupation_code like '04%'
),

switch_scores as (
    select
        'switches_by_function' as estimate,
        rules.employer_rule || ' '
        || coalesce(with_classes.from_group, 'unknown') || ' '
        || with_classes.function_code || ' '
        || case
            when ages.is_total then '15-74' else with_classes.from_age_group
        end as cell,
        with_classes.from_year as year,
        with_classes.person_id,
        with_classes.household_id,
        cast(null as string) as attrition_cell_code,
        with_classes.weight as first_weight,
        cast(with_classes.weight as decimal(20, 6)) as weight,
        cast(
            not case rules.employer_rule
                when 'raw' then with_classes.is_same_employer_later_raw
                else with_classes.is_same_employer_later
            end as integer
        ) as outcome
    from with_classes
    cross join (values ('raw'), ('corrected')) as rules (employer_rule)
    cross join (values (true), (false)) as ages (is_total)
)

select * from switch_scores
order by cell, person_id
