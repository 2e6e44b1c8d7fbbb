-- stop: the values of each characteristic add up to everybody, who changes employer to the table of employers, and the ages to the table of reasons.
with counts as (
    select
        from_year,
        sector_group,
        event,
        characteristic,
        sum(event_count) as event_count,
        sum(base_count) as base_count
    from core.reason_counts
    group by from_year, sector_group, event, characteristic
),

published as (
    select
        from_year,
        sector_group,
        event,
        characteristic,
        sum(event_count) as event_count,
        sum(base_count) as base_count
    from out.reasons
    group by from_year, sector_group, event, characteristic
),

switches as (
    select
        from_year,
        sector_group,
        'switch' as event,
        sum(corrected_switch_count) as event_count,
        sum(base_count) as base_count
    from out.employer_switches
    where age_group not in ('other', 'unknown')
    group by from_year, sector_group
),

others as (
    select
        from_year,
        sector_group,
        event,
        event_count,
        base_count
    from switches
    where base_count > 0
    union all
    select
        from_year,
        sector_group,
        event,
        event_count,
        base_count
    from published
    union all
    select
        from_year,
        sector_group,
        event,
        event_count,
        base_count
    from counts
)

select
    whole.from_year,
    whole.sector_group,
    whole.event
from others
full outer join counts as whole
    on
        others.from_year = whole.from_year
        and others.sector_group = whole.sector_group
        and others.event = whole.event
where
    coalesce(whole.characteristic, 'all') = 'all'
    and (
        whole.base_count is null
        or others.base_count is null
        or others.base_count != whole.base_count
        or others.event_count != whole.event_count
    )
