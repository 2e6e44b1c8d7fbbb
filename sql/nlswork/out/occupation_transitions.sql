-- One row per from_year and pair of occupation codes that are known at both ends.
with year_pairs as (
    select
        from_year,
        from_occupation_code,
        to_occupation_code
    from core.year_pairs
),

occupation_transitions as (
    select
        from_year,
        from_occupation_code,
        to_occupation_code,
        count(*) as person_count
    from year_pairs
    where
        from_occupation_code is not null
        and to_occupation_code is not null
    group by
        from_year,
        from_occupation_code,
        to_occupation_code
)

select * from occupation_transitions
order by from_year, from_occupation_code, to_occupation_code
