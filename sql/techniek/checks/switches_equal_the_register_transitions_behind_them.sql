-- stop: employer switches equal the register transitions behind them, by both
-- rules of employers. Who becomes director of another employer is one of them.
with switches as (
    select
        'raw' as employer_rule,
        from_year,
        sector_group,
        age_group,
        raw_switch_count as switch_count,
        base_count
    from out.employer_switches
    union all
    select
        'corrected' as employer_rule,
        from_year,
        sector_group,
        age_group,
        corrected_switch_count as switch_count,
        base_count
    from out.employer_switches
),

switch_sums as (
    select
        employer_rule,
        from_year,
        sector_group,
        age_group,
        cast(sum(switch_count) as bigint) as switch_count,
        cast(sum(base_count) as bigint) as base_count
    from switches
    group by employer_rule, from_year, sector_group, age_group
    having sum(base_count) > 0
),

employed_twice as (
    select
        employer_rule,
        from_year,
        sector_group,
        age_group,
        person_count,
        case
            when transition_code = 'stay' then 0 else person_count
        end as switch_count
    from out.register_transitions
    where
        transition_code in (
            'stay',
            'other_employer_same_sector',
            'other_employer_other_sector',
            'other_employer_sector_unknown'
        )
        or transition_code = 'to_self_employment'
        and to_sector_group <> 'self_employed'
),

transitions as (
    select
        employer_rule,
        from_year,
        sector_group,
        age_group,
        cast(sum(switch_count) as bigint) as switch_count,
        cast(sum(person_count) as bigint) as base_count
    from employed_twice
    group by employer_rule, from_year, sector_group, age_group
)

select
    coalesce(switches.employer_rule, transitions.employer_rule)
        as employer_rule,
    coalesce(switches.from_year, transitions.from_year) as from_year,
    coalesce(switches.sector_group, transitions.sector_group) as sector_group,
    coalesce(switches.age_group, transitions.age_group) as age_group
from switch_sums as switches
full join transitions
    on
        switches.employer_rule = transitions.employer_rule
        and switches.from_year = transitions.from_year
        and switches.sector_group = transitions.sector_group
        and switches.age_group = transitions.age_group
where
    switches.from_year is null
    or transitions.from_year is null
    or switches.switch_count <> transitions.switch_count
    or switches.base_count <> transitions.base_count
