-- stop: every person of a year has one destination the year after.
with stocks as (
    select
        year,
        count(*) as person_count
    from core.person_years
    group by year
),

destinations as (
    select
        employer_rule,
        from_year,
        cast(sum(person_count) as bigint) as person_count
    from out.register_transitions
    group by employer_rule, from_year
)

select
    destinations.employer_rule,
    stocks.year,
    stocks.person_count as stock_count,
    destinations.person_count as destination_count
from destinations
left join stocks
    on destinations.from_year = stocks.year
where
    stocks.person_count is null
    or stocks.person_count <> destinations.person_count
