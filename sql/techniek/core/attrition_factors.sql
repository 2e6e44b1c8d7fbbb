-- One row per cell of attrition: the cell that it is merged into in the end, and
-- the factor of the pair weight there, the weight in scope over the weight that
-- answered, with ten decimals. A cell of which nobody answered joins the
-- heaviest of its kind (stays with the employer or does not), first of its
-- sector group; without any such cell it has no factor, and a check tells.
with merged as (
    select
        merged_cell_code,
        cell_sector_group,
        max(case cell_register_code when 'same_employer' then 1 else 0 end)
            as is_same_employer,
        sum(answered_count) as answered_count,
        sum(in_scope_weight) as in_scope_weight
    from core.attrition_cells
    group by merged_cell_code, cell_sector_group
),

joined as (
    select
        empty.merged_cell_code,
        answered.merged_cell_code as joined_cell_code,
        row_number() over (
            partition by empty.merged_cell_code
            order by
                empty.cell_sector_group = answered.cell_sector_group desc,
                answered.in_scope_weight desc,
                answered.merged_cell_code asc
        ) as place
    from merged as empty
    inner join merged as answered
        on empty.is_same_employer = answered.is_same_employer
    where empty.answered_count = 0 and answered.answered_count > 0
),

cells as (
    select
        cells.*,
        coalesce(joined.joined_cell_code, cells.merged_cell_code)
            as final_cell_code
    from core.attrition_cells as cells
    left join joined
        on cells.merged_cell_code = joined.merged_cell_code and joined.place = 1
),

sums as (
    select
        final_cell_code,
        sum(in_scope_weight) as in_scope_weight,
        sum(answered_weight) as answered_weight
    from cells
    group by final_cell_code
),

attrition_factors as (
    select
        cells.from_year,
        cells.cell_function_code,
        cells.cell_sector_group,
        cells.cell_register_code,
        cells.final_cell_code as attrition_cell_code,
        cells.in_scope_count,
        cells.answered_count,
        cells.in_scope_weight,
        cells.answered_weight,
        cast(
            cast(sums.in_scope_weight as decimal(28, 6))
            / nullif(cast(sums.answered_weight as decimal(28, 6)), 0)
            as decimal(18, 10)
        ) as attrition_factor
    from cells
    inner join sums
        on cells.final_cell_code = sums.final_cell_code
)

select * from attrition_factors
order by cell_function_code, cell_sector_group, cell_register_code
