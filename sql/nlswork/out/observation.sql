-- One row per from_year: women in the file, and those in it a year later.
with year_pairs as (
    select
        from_year,
        is_observed_next
    from core.year_pairs
),

observation as (
    select
        from_year,
        count(*) as base_count,
        count(*) filter (where is_observed_next) as observed_next_count
    from year_pairs
    group by from_year
)

select * from observation
order by from_year
