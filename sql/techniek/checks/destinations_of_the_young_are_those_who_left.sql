-- stop: the destinations of the young who left add up to those who left.
with destinations as (
    select
        employer_rule,
        from_year,
        sector_group,
        sum(person_count) as person_count,
        min(leaver_count) as leaver_count
    from out.youth_destinations
    group by employer_rule, from_year, sector_group
),

leavers as (
    select
        employer_rule,
        from_year,
        sector_group,
        leaver_count
    from out.youth_mobility
    where reading = 'left_employer'
)

select
    coalesce(leavers.employer_rule, destinations.employer_rule)
        as employer_rule,
    coalesce(leavers.from_year, destinations.from_year) as from_year,
    coalesce(leavers.sector_group, destinations.sector_group) as sector_group
from leavers
full join destinations
    on
        leavers.employer_rule = destinations.employer_rule
        and leavers.from_year = destinations.from_year
        and leavers.sector_group = destinations.sector_group
where
    coalesce(destinations.person_count, 0) <> coalesce(leavers.leaver_count, 0)
    or destinations.leaver_count <> leavers.leaver_count
