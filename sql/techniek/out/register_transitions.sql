-- One row per rule of employers, from_year, sector, age group, transition and
-- group of the sector at the end: persons of the population of from_year.
-- Sector and age are those of the start. The sector is "none" for who does not
-- work for an employer then, "unknown" for one whose sector is not known. The
-- end is "gone" for the dead and the emigrated. By the rule "raw" another number
-- is another employer, by "corrected" unless the one went on as the other.
with counts as (
    select
        case
            when from_state_code not in ('employee', 'director') then 'none'
            else coalesce(from_sector_code, 'unknown')
        end as sector_code,
        from_cell,
        from_age_group,
        transition_code,
        to_cell,
        corrected_transition_code,
        corrected_to_cell,
        count(*) as person_count
    from core.transitions
    where transition_code is not null
    group by 1, 2, 3, 4, 5, 6, 7
),

by_rule as (
    select
        'raw' as employer_rule,
        sector_code,
        from_cell,
        from_age_group,
        transition_code,
        to_cell,
        person_count
    from counts
    union all
    select
        'corrected' as employer_rule,
        sector_code,
        from_cell,
        from_age_group,
        corrected_transition_code as transition_code,
        corrected_to_cell as to_cell,
        person_count
    from counts
),

register_transitions as (
    select
        employer_rule,
        cast($year as integer) as from_year,
        sector_code,
        from_cell as sector_group,
        from_age_group as age_group,
        transition_code,
        coalesce(to_cell, 'gone') as to_sector_group,
        cast(sum(person_count) as bigint) as person_count,
        cast(sum(person_count) as bigint) as unweighted_count,
        'population of from_year' as denominator_label
    from by_rule
    group by 1, 2, 3, 4, 5, 6, 7
)

select * from register_transitions
order by
    employer_rule,
    from_year,
    sector_code,
    sector_group,
    age_group,
    transition_code,
    to_sector_group
