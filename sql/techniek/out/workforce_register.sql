-- One row per year and sector group: employees and directors of 15 to 74 on the
-- reference day, exactly; of what the survey estimates in workforce, counted.
with person_years as (
    select
        year,
        sector_code
    from core.person_years
    where work_code = 'employed' and age between 15 and 74
),

workforce_register as (
    select
        person_years.year,
        coalesce(sector_groups.sector_group, 'unknown') as sector_group,
        count(*) as person_count,
        count(*) as unweighted_count,
        'employees and directors of 15 to 74 on the reference day'
            as denominator_label
    from person_years
    left join core.sector_groups as sector_groups
        on person_years.sector_code = sector_groups.sector_code
    group by 1, 2
)

select * from workforce_register
order by year, sector_group
