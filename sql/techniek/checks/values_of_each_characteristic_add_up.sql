-- stop: the values of each characteristic add up to everybody, who changes employer to the table of employers, and the ages to the table of reasons.
-- There are ten characteristics, each counted twice, and of who changes employer
-- the table of employers as well.
with sums as (
    select
        from_year,
        sector_group,
        event,
        characteristic,
        sum(event_count) as event_count,
        sum(base_count) as base_count
    from core.reason_counts
    group by from_year, sector_group, event, characteristic
    union all
    select
        from_year,
        sector_group,
        event,
        characteristic,
        sum(event_count) as event_count,
        sum(base_count) as base_count
    from out.reasons
    group by from_year, sector_group, event, characteristic
    union all
    select
        from_year,
        sector_group,
        'switch' as event,
        'employer_switches' as characteristic,
        sum(corrected_switch_count) as event_count,
        sum(base_count) as base_count
    from out.employer_switches
    where age_group not in ('other', 'unknown')
    group by from_year, sector_group
    having sum(base_count) > 0
)

select
    from_year,
    sector_group,
    event
from sums
group by from_year, sector_group, event
having
    min(base_count) != max(base_count)
    or min(event_count) != max(event_count)
    or count(*) != case event when 'switch' then 21 else 20 end
