-- stop: in each cell the stock is what goes out, and the next stock what comes in.
with sums as (
    select
        year,
        cell,
        sum(case side when 'stock' then person_count else 0 end) as stock_count,
        sum(case side when 'out' then person_count else 0 end) as out_count,
        sum(case side when 'next_stock' then person_count else 0 end)
            as next_stock_count,
        sum(case side when 'in' then person_count else 0 end) as in_count
    from out.flow_accounts
    group by year, cell
)

select
    year,
    cell
from sums
where stock_count <> out_count or next_stock_count <> in_count
