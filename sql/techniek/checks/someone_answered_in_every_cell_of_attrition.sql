-- warn: someone answered the fifth interview in every cell of attrition.
-- Nobody stands for the others of a cell that has no factor: their weight is in
-- no table of pairs.
select
    from_year,
    attrition_cell_code,
    in_scope_count
from core.attrition_factors
where attrition_factor is null
