-- One row per from_year, sector group and age group of the employees and
-- directors who are so at both reference days, at employers that are known. A
-- switch is another employer for the main job a year later; moves in between
-- are not seen. Sector and age are those of the start.
with employed_twice as (
    select
        from_cell as sector_group,
        from_age_group as age_group,
        from_employer_id,
        case when transition_code = 'stay' then 0 else 1 end as switch_count
    from core.transitions
    where
        transition_code in (
            'stay',
            'other_employer_same_sector',
            'other_employer_other_sector',
            'other_employer_sector_unknown'
        )
),

employer_switches as (
    select
        cast($year as integer) as from_year,
        sector_group,
        age_group,
        sum(switch_count) as switch_count,
        count(*) as base_count,
        count(*) as unweighted_count,
        'employees and directors at both reference days, both employers known'
            as denominator_label,
        count(distinct from_employer_id) as employer_count
    from employed_twice
    group by sector_group, age_group
)

select * from employer_switches
order by from_year, sector_group, age_group
