-- One row per estimate, cell and period: the share of core.survey_estimates with
-- its 95 percent interval, the only place that makes one. Households are the
-- clusters. With H of them, residuals z and weights w of each, the share p has
-- the variance v = H / (H - 1) * sum(z²) / sum(w)². The effective count is
-- p (1 - p) / v, at most the persons counted; where p is 0 or 1 or v is 0 it is
-- sum(w)² / sum(w²). The interval is that of Wilson at the effective count: it
-- lies within 0 and 1 and is not null at either. Of one household it is null.
with sums as (
    select
        estimate,
        cell,
        period,
        count(*) as household_count,
        sum(residual * residual) as squared_residual,
        sum(base_weight * base_weight) as squared_weight
    from core.household_residuals
    group by estimate, cell, period
),

-- Doubles from here on: each is made from one row of exact sums.
finished as (
    select
        estimates.*,
        sums.household_count,
        cast(estimates.share as double) as p,
        power(cast(estimates.base_weight as double), 2) as total,
        cast(sums.squared_weight as double) as squared_weight,
        cast(sums.household_count as double)
        / nullif(sums.household_count - 1, 0)
        * cast(sums.squared_residual as double) as variance
    from core.survey_estimates as estimates
    left join sums
        on
            estimates.estimate = sums.estimate
            and estimates.cell = sums.cell
            and estimates.period = sums.period
),

effective as (
    select
        *,
        case
            when variance is null then null
            when p = 0 or p = 1 or variance = 0 then total / squared_weight
            else least(
                p * (1 - p) * total / variance, cast(base_count as double)
            )
        end as n
    from finished
),

-- z is 1.96, its square 3.8416.
wilson as (
    select
        *,
        (p + 3.8416 / (2 * n)) / (1 + 3.8416 / n) as middle,
        1.96 * sqrt(p * (1 - p) / n + 3.8416 / (4 * n * n))
        / (1 + 3.8416 / n) as half_width
    from effective
),

survey_intervals as (
    select
        estimate,
        cell,
        period,
        base_count,
        outcome_count,
        base_weight,
        outcome_weight,
        unknown_count,
        unknown_weight,
        cast(share as decimal(9, 6)) as share,
        cast(first_share as decimal(9, 6)) as first_share,
        case
            when n is not null
                then cast(greatest(middle - half_width, 0) as decimal(9, 6))
        end as share_low,
        case
            when n is not null
                then cast(least(middle + half_width, 1) as decimal(9, 6))
        end as share_high,
        cast(n as decimal(12, 1)) as effective_count,
        household_count,
        base_count >= $least_observations as is_reliable
    from wilson
)

select * from survey_intervals
order by estimate, cell, period
