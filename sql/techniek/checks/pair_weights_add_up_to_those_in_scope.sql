-- stop: in each cell of attrition the pair weights add up to the weights of all in scope.
-- Each is rounded to six decimals, and the factor cut at ten.
select
    from_year,
    attrition_cell_code
from core.pair_weights
group by from_year, attrition_cell_code
having
    count(pair_weight) > 0
    and abs(sum(weight) - sum(pair_weight))
    > 0.000001 * count(*) + 0.000000001 * sum(weight)
