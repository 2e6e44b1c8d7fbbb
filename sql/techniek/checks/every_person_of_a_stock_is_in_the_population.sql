-- stop: the stocks of a year are its population, at both ends of each pair.
with populations as (
    select
        year,
        count(*) as person_count
    from core.person_years
    group by year
),

stocks as (
    select
        case side when 'stock' then year else year + 1 end as year,
        side,
        sum(person_count) as person_count
    from out.flow_accounts
    where side in ('stock', 'next_stock')
    group by year, side
)

select
    stocks.year,
    stocks.side
from stocks
left join populations
    on stocks.year = populations.year
where
    populations.person_count is null
    or populations.person_count <> stocks.person_count
