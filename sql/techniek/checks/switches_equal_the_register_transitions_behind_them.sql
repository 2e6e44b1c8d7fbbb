-- stop: employer switches equal the register transitions behind them, by both
-- rules of employers. Who becomes director of another employer is one of them.
with switches as (
    select
        from_year,
        sector_group,
        age_group,
        sum(raw_switch_count) as raw_switch_count,
        sum(corrected_switch_count) as corrected_switch_count,
        sum(base_count) as base_count
    from out.employer_switches
    group by from_year, sector_group, age_group
    having sum(base_count) > 0
),

employed_twice as (
    select
        from_year,
        sector_group,
        age_group,
        transition_code != 'stay' as is_switch,
        case employer_rule when 'raw' then person_count else 0 end as raw_count,
        case employer_rule when 'corrected' then person_count else 0 end
            as corrected_count
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
        from_year,
        sector_group,
        age_group,
        sum(case when is_switch then raw_count else 0 end) as raw_switch_count,
        sum(case when is_switch then corrected_count else 0 end)
            as corrected_switch_count,
        sum(raw_count) as raw_base_count,
        sum(corrected_count) as corrected_base_count
    from employed_twice
    group by from_year, sector_group, age_group
)

select
    coalesce(switches.from_year, transitions.from_year) as from_year,
    coalesce(switches.sector_group, transitions.sector_group) as sector_group,
    coalesce(switches.age_group, transitions.age_group) as age_group
from switches
full join transitions
    on
        switches.from_year = transitions.from_year
        and switches.sector_group = transitions.sector_group
        and switches.age_group = transitions.age_group
where
    switches.from_year is null
    or transitions.from_year is null
    or switches.raw_switch_count <> transitions.raw_switch_count
    or switches.corrected_switch_count <> transitions.corrected_switch_count
    or switches.base_count <> transitions.raw_base_count
    or switches.base_count <> transitions.corrected_base_count
