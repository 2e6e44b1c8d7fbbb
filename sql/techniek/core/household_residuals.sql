-- One row per estimate, cell, period and household: its weight in the base, and
-- its part in the error of the share p, from which core.survey_intervals takes
-- the variance. Of each in the base weight * (outcome - p). Where pair weights
-- stand behind it, who did not answer counts too, in two phases: a cell of
-- attrition has a mean of those residuals over the weight of all in scope, and
-- each household in it the mean times what its weight in scope is more than
-- the weight of its pairs.
with residuals as (
    select
        scores.estimate,
        scores.cell,
        scores.period,
        scores.year,
        scores.household_id,
        scores.attrition_cell_code,
        scores.weight,
        cast(
            scores.weight * (scores.outcome - estimates.share)
            as decimal(24, 12)
        ) as residual
    from core.survey_scores as scores
    inner join core.survey_estimates as estimates
        on
            scores.estimate = estimates.estimate
            and scores.cell = estimates.cell
            and scores.period = estimates.period
    where scores.outcome is not null
),

balances as (
    select
        from_year as year,
        attrition_cell_code,
        household_id,
        sum(weight) as in_scope_weight,
        sum(weight) - sum(coalesce(pair_weight, 0)) as balance
    from core.pair_weights
    group by from_year, attrition_cell_code, household_id
),

cell_weights as (
    select
        year,
        attrition_cell_code,
        sum(in_scope_weight) as cell_weight
    from balances
    group by year, attrition_cell_code
),

cell_sums as (
    select
        estimate,
        cell,
        period,
        year,
        attrition_cell_code,
        sum(residual) as residual
    from residuals
    where attrition_cell_code is not null
    group by estimate, cell, period, year, attrition_cell_code
),

cell_means as (
    select
        cell_sums.*,
        cast(
            cast(cell_sums.residual as decimal(28, 12))
            / cast(cell_weights.cell_weight as decimal(28, 6))
            as decimal(16, 12)
        ) as mean
    from cell_sums
    inner join cell_weights
        on
            cell_sums.year = cell_weights.year
            and cell_sums.attrition_cell_code = cell_weights.attrition_cell_code
),

parts as (
    select
        estimate,
        cell,
        period,
        household_id,
        weight,
        residual
    from residuals
    union all
    select
        cell_means.estimate,
        cell_means.cell,
        cell_means.period,
        balances.household_id,
        cast(0 as decimal(20, 6)) as weight,
        cast(cell_means.mean * balances.balance as decimal(24, 12)) as residual
    from cell_means
    inner join balances
        on
            cell_means.year = balances.year
            and cell_means.attrition_cell_code = balances.attrition_cell_code
)

select
    estimate,
    cell,
    period,
    household_id,
    cast(sum(weight) as decimal(20, 6)) as base_weight,
    cast(sum(residual) as decimal(18, 6)) as residual
from parts
group by estimate, cell, period, household_id
order by estimate, cell, period, household_id
