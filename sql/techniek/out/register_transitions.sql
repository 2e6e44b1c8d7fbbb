-- One row per from_year, sector, age group, transition and group of the sector at
-- the end: persons of the population of from_year.
-- Sector and age are those of the start. The sector is "none" for who does not
-- work for an employer then, "unknown" for one whose sector is not known. The
-- end is "gone" for the dead and the emigrated.
with counts as (
    select
        case
            when from_state_code not in ('employee', 'director') then 'none'
            else coalesce(from_sector_code, 'unknown')
        end as sector_code,
        from_cell as sector_group,
        from_age_group as age_group,
        transition_code,
        coalesce(to_cell, 'gone') as to_sector_group,
        count(*) as person_count
    from core.transitions
    where transition_code is not null
    group by 1, 2, 3, 4, 5
),

register_transitions as (
    select
        cast($year as integer) as from_year,
        sector_code,
        sector_group,
        age_group,
        transition_code,
        to_sector_group,
        person_count,
        person_count as unweighted_count,
        'population of from_year' as denominator_label
    from counts
)

select * from register_transitions
order by
    from_year,
    sector_code,
    sector_group,
    age_group,
    transition_code,
    to_sector_group
