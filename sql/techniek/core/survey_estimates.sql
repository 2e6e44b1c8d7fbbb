-- One row per estimate, cell and period: weights and counts of the base and of
-- those with the outcome, and the share, the quotient of the weights with ten
-- decimals. Whose outcome is not known is in no base, and counted apart.
-- first_share is the one by the weights of the first interview, as if
-- who did not answer again were like who did.
with scores as (
    select
        *,
        outcome is not null as is_known
    from core.survey_scores
),

sums as (
    select
        estimate,
        cell,
        period,
        count(outcome) as base_count,
        coalesce(sum(outcome), 0) as outcome_count,
        count(*) - count(outcome) as unknown_count,
        sum(case when is_known then weight else 0 end) as base_weight,
        sum(case when outcome = 1 then weight else 0 end) as outcome_weight,
        sum(case when is_known then 0 else weight end) as unknown_weight,
        sum(case when is_known then first_weight else 0 end)
            as first_base_weight,
        sum(case when outcome = 1 then first_weight else 0 end)
            as first_outcome_weight
    from scores
    group by estimate, cell, period
),

survey_estimates as (
    select
        estimate,
        cell,
        period,
        base_count,
        outcome_count,
        unknown_count,
        cast(base_weight as decimal(24, 6)) as base_weight,
        cast(outcome_weight as decimal(24, 6)) as outcome_weight,
        cast(unknown_weight as decimal(24, 6)) as unknown_weight,
        cast(
            cast(outcome_weight as decimal(28, 6))
            / nullif(cast(base_weight as decimal(28, 6)), 0)
            as decimal(12, 10)
        ) as share,
        cast(
            cast(first_outcome_weight as decimal(28, 6))
            / nullif(cast(first_base_weight as decimal(28, 6)), 0)
            as decimal(12, 10)
        ) as first_share
    from sums
)

select * from survey_estimates
order by estimate, cell, period
