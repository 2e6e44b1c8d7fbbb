-- One row per cell of attrition: function and sector group at the first
-- interview, and what the registers say of the year after it. Who answered the
-- fifth interview stands for all of the cell: the factor of the pair weight is
-- the weight in scope over the weight that answered. A cell with fewer than 20
-- who answered, or a factor above 3, is thin. Thin ones are merged: first the
-- two classes of other employers, then the functions within a sector group;
-- who stays with the employer is never merged with others.
with cells as (
    select
        cell_function_code,
        cell_sector_group,
        cell_register_code,
        case
            when cell_register_code like 'other_employer_%' then 'other_employer'
            else cell_register_code
        end as register_family,
        count(*) as in_scope_count,
        sum(case when has_answered then 1 else 0 end) as answered_count,
        sum(weight) as in_scope_weight,
        sum(case when has_answered then weight else 0 end) as answered_weight
    from core.survey_transitions
    group by cell_function_code, cell_sector_group, cell_register_code
),

-- Thin is 1.
employers_merged as (
    select
        *,
        case
            when
                max(
                    case
                        when
                            answered_count < 20
                            or in_scope_weight > 3 * answered_weight
                            then 1
                        else 0
                    end
                ) over (
                    partition by
                        cell_function_code, cell_sector_group, register_family
                ) = 1
                then register_family
            else cell_register_code
        end as register_code
    from cells
),

summed as (
    select
        *,
        sum(answered_count) over (
            partition by cell_function_code, cell_sector_group, register_code
        ) as merged_count,
        sum(in_scope_weight) over (
            partition by cell_function_code, cell_sector_group, register_code
        ) as merged_in_scope_weight,
        sum(answered_weight) over (
            partition by cell_function_code, cell_sector_group, register_code
        ) as merged_answered_weight
    from employers_merged
),

functions_merged as (
    select
        *,
        cell_function_code in ('technical', 'other')
        and max(
            case
                when
                    merged_count < 20
                    or merged_in_scope_weight > 3 * merged_answered_weight
                    then 1
                else 0
            end
        ) over (
            partition by
                cell_function_code in ('technical', 'other'),
                cell_sector_group,
                register_family
        ) = 1 as is_merged
    from summed
),

attrition_cells as (
    select
        cast($year as integer) as from_year,
        cell_function_code,
        cell_sector_group,
        cell_register_code,
        case when is_merged then 'any' else cell_function_code end
        || ' ' || cell_sector_group || ' '
        || case when is_merged then register_family else register_code end
            as merged_cell_code,
        in_scope_count,
        answered_count,
        cast(in_scope_weight as decimal(20, 6)) as in_scope_weight,
        cast(answered_weight as decimal(20, 6)) as answered_weight
    from functions_merged
)

select * from attrition_cells
order by cell_function_code, cell_sector_group, cell_register_code
