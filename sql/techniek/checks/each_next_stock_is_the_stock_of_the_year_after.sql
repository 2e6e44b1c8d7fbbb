-- stop: the next stock of a cell is its stock of the year after.
with stocks as (
    select
        year,
        cell,
        person_count
    from out.flow_accounts
    where side = 'stock'
),

next_stocks as (
    select
        year,
        cell,
        person_count
    from out.flow_accounts
    where side = 'next_stock'
),

years as (
    select distinct year
    from stocks
)

select
    coalesce(next_stocks.year + 1, stocks.year) as year,
    coalesce(next_stocks.cell, stocks.cell) as cell
from next_stocks
full join stocks
    on next_stocks.year + 1 = stocks.year and next_stocks.cell = stocks.cell
where
    coalesce(next_stocks.year + 1, stocks.year) in (select year from years)
    and coalesce(next_stocks.year, stocks.year - 1) in (select year from years)
    and coalesce(next_stocks.person_count, 0)
    <> coalesce(stocks.person_count, 0)
