-- One row per rule of employers (see out.register_transitions), from_year,
-- sector group and destination of those who left their employer at 25 to 34
-- (see out.youth_mobility): the group of the sector of the new employer, work
-- for oneself, or the state out of work.
with transitions as (
    select
        'raw' as employer_rule,
        from_cell,
        transition_code,
        to_cell,
        to_state_code
    from core.transitions
    where from_age_group = '25-34'
    union all
    select
        'corrected' as employer_rule,
        from_cell,
        corrected_transition_code as transition_code,
        corrected_to_cell as to_cell,
        to_state_code
    from core.transitions
    where from_age_group = '25-34'
),

leavers as (
    select
        transitions.employer_rule,
        transitions.from_cell as sector_group,
        case transitions.transition_code
            when 'to_self_employment' then 'self_employed'
            when 'to_unclear_work' then 'unclear_work'
            else
                case transition_kinds.mobility_code
                    when 'other_employer' then transitions.to_cell
                    else transitions.to_state_code
                end
        end as destination
    from transitions
    inner join staging.transition_kinds as transition_kinds
        on transitions.transition_code = transition_kinds.transition_code
    where transition_kinds.mobility_code in ('other_employer', 'leaves')
),

counts as (
    select
        employer_rule,
        sector_group,
        destination,
        count(*) as person_count
    from leavers
    group by employer_rule, sector_group, destination
),

youth_destinations as (
    select
        employer_rule,
        cast($year as integer) as from_year,
        sector_group,
        destination,
        person_count,
        cast(
            sum(person_count) over (partition by employer_rule, sector_group)
            as bigint
        ) as leaver_count,
        person_count as unweighted_count,
        'employees and directors of 25 to 34 who left their employer'
            as denominator_label
    from counts
)

select * from youth_destinations
order by employer_rule, from_year, sector_group, destination
