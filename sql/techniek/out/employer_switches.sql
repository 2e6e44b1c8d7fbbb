-- One row per from_year, sector group and age group of the employed at both
-- reference days. A switch is another employer for the main job a year later;
-- moves in between are not seen. Sector and age are those of the start.
with transitions as (
    select
        from_age_group,
        from_employer_id,
        from_sector_code,
        transition_code
    from core.transitions
    where
        transition_code in (
            'same_employer', 'other_employer_same_sector', 'other_sector'
        )
),

technical_sectors as (
    select
        sector_code,
        is_technical
    from core.technical_sectors
),

employed_twice as (
    select
        case
            when transitions.from_sector_code is null then 'unknown'
            when technical_sectors.is_technical then 'technical'
            else 'other'
        end as sector_group,
        transitions.from_age_group as age_group,
        transitions.from_employer_id,
        case
            when transitions.transition_code = 'same_employer' then 0 else 1
        end as switch_count
    from transitions
    left join technical_sectors
        on transitions.from_sector_code = technical_sectors.sector_code
),

employer_switches as (
    select
        cast($year as integer) as from_year,
        sector_group,
        age_group,
        sum(switch_count) as switch_count,
        count(*) as base_count,
        'employed at both reference days' as denominator_label,
        count(distinct from_employer_id) as employer_count
    from employed_twice
    group by sector_group, age_group
)

select * from employer_switches
order by from_year, sector_group, age_group
