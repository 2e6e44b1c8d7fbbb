-- One row per from_year and pair of industry codes that are known at both ends.
with year_pairs as (
    select
        from_year,
        from_industry_code,
        to_industry_code
    from core.year_pairs
),

industry_transitions as (
    select
        from_year,
        from_industry_code,
        to_industry_code,
        count(*) as person_count
    from year_pairs
    where
        from_industry_code is not null
        and to_industry_code is not null
    group by
        from_year,
        from_industry_code,
        to_industry_code
)

select * from industry_transitions
order by from_year, from_industry_code, to_industry_code
