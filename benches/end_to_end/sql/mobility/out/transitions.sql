-- One row per from_year, sector at the start and transition.
with transitions as (
    select
        from_sector_code,
        from_wage_eur,
        transition_code
    from core.transitions
),

counts as (
    select
        cast($year as integer) as from_year,
        coalesce(from_sector_code, 'unknown') as from_sector_code,
        transition_code,
        count(*) as person_count,
        sum(from_wage_eur) as from_wage_eur
    from transitions
    group by coalesce(from_sector_code, 'unknown'), transition_code
)

select * from counts
order by from_year, from_sector_code, transition_code
