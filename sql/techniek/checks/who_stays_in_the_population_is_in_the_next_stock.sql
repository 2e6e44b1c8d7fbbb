-- stop: who stays in the population or comes into it is the next year's stock.
with stocks as (
    select
        year,
        count(*) as person_count
    from core.person_years
    group by year
),

stayers as (
    select
        from_year,
        count(*) as person_count
    from core.transitions
    where to_state_code is not null
    group by from_year
)

select
    stayers.from_year,
    stayers.person_count as stayer_count,
    stocks.person_count as stock_count
from stayers
left join stocks
    on stayers.from_year + 1 = stocks.year
where
    stocks.person_count is null
    or stocks.person_count <> stayers.person_count
