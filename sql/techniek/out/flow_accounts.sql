-- One row per year, cell of the accounts, side and counterpart: persons.
-- stock and next_stock are who is in the cell at the two reference days; out
-- says where the stock goes, in where the next stock comes from. The
-- counterpart is another cell; within the cell the same employer, another, one
-- that is not known, or the same state; an end or a beginning in the
-- population; or recoded, where the employer of the end has an activity code in
-- its own year that puts it in another cell than the one before.
with transitions as (
    select
        from_cell,
        next_cell,
        arrival_code,
        case when next_cell is null then transition_code end as end_code,
        case
            when from_cell is null or next_cell is null then null
            when next_cell != to_cell then 'recoded'
            when from_cell != next_cell then 'another_cell'
            when from_cell in ('self_employed', 'unclear_work', 'not_working')
                then 'same_state'
            when is_same_employer is null then 'employer_unknown'
            when is_same_employer then 'same_employer'
            else 'other_employer'
        end as change_code
    from core.transitions
),

entries as (
    select
        from_cell as cell,
        'stock' as side,
        'all' as other_code
    from transitions
    where from_cell is not null
    union all
    select
        next_cell as cell,
        'next_stock' as side,
        'all' as other_code
    from transitions
    where next_cell is not null
    union all
    select
        from_cell as cell,
        'out' as side,
        coalesce(
            end_code,
            case change_code when 'another_cell' then next_cell end,
            change_code
        ) as other_code
    from transitions
    where from_cell is not null
    union all
    select
        next_cell as cell,
        'in' as side,
        coalesce(
            arrival_code,
            case change_code when 'another_cell' then from_cell end,
            change_code
        ) as other_code
    from transitions
    where next_cell is not null
),

flow_accounts as (
    select
        cast($year as integer) as year,
        cell,
        side,
        other_code,
        count(*) as person_count,
        count(*) as unweighted_count,
        'population of the year, in and next_stock of the year after'
            as denominator_label
    from entries
    group by cell, side, other_code
)

select * from flow_accounts
order by year, cell, side, other_code
