-- stop: Each woman of a year that starts a pair stands in that pair once.
with interviews as (
    select year from staging.interviews
),

year_pairs as (
    select from_year from core.year_pairs
),

women as (
    select
        year as from_year,
        count(*) as woman_count
    from interviews
    group by year
),

pairs as (
    select
        from_year,
        count(*) as pair_count
    from year_pairs
    group by from_year
),

differences as (
    select
        pairs.from_year,
        pairs.pair_count,
        women.woman_count
    from pairs
    left join women
        on pairs.from_year = women.from_year
    where women.woman_count is distinct from pairs.pair_count
)

select * from differences
