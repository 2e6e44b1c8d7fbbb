-- One row per from_year, sector group and destination of those who left their
-- employer at 25 to 34 (see out.youth_mobility): the group of the sector of the
-- new employer, work for oneself, or the state out of work.
with transitions as (
    select
        transitions.from_cell as sector_group,
        transition_kinds.mobility_code,
        case transitions.transition_code
            when 'to_self_employment' then 'self_employed'
            when 'to_unclear_work' then 'unclear_work'
            else
                case transition_kinds.mobility_code
                    when 'other_employer' then transitions.to_cell
                    else transitions.to_state_code
                end
        end as destination
    from core.transitions as transitions
    inner join staging.transition_kinds as transition_kinds
        on transitions.transition_code = transition_kinds.transition_code
    where transitions.from_age_group = '25-34'
),

counts as (
    select
        sector_group,
        destination,
        count(*) as person_count
    from transitions
    where mobility_code in ('other_employer', 'leaves')
    group by sector_group, destination
),

youth_destinations as (
    select
        cast($year as integer) as from_year,
        sector_group,
        destination,
        person_count,
        cast(sum(person_count) over (partition by sector_group) as bigint)
            as leaver_count,
        person_count as unweighted_count,
        'employees and directors of 25 to 34 who left their employer'
            as denominator_label
    from counts
)

select * from youth_destinations
order by from_year, sector_group, destination
