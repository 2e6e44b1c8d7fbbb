-- stop: employer switches equal the register transitions behind them.
with switches as (
    select
        from_year,
        sector_group,
        age_group,
        switch_count,
        base_count
    from out.employer_switches
),

employed_twice as (
    select
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
),

transitions as (
    select
        from_year,
        sector_group,
        age_group,
        cast(sum(switch_count) as bigint) as switch_count,
        cast(sum(person_count) as bigint) as base_count
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
    or switches.switch_count <> transitions.switch_count
    or switches.base_count <> transitions.base_count
