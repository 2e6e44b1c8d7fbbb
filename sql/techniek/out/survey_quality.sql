-- One row per statement that rests on pairs of interviews, reading and period:
-- the share by the pair weights, and by the weights of the first interview, as
-- if who did not answer again were like who did. Beside each other the readings
-- of the function say what codes that change by themselves may amount to.
with estimates as (
    select
        *,
        case estimate when 'retention' then 'T5' else 'T6' end as finding,
        split_part(cell, ' ', 1) || ' ' || split_part(cell, ' ', 2) as reading
    from core.survey_intervals
    where
        estimate = 'retention' and split_part(cell, ' ', 3) = '15-74'
        or estimate = 'leaver_destinations'
        and split_part(cell, ' ', 3) = 'other_function'
),

survey_quality as (
    select
        finding,
        reading,
        period,
        outcome_weight,
        base_weight,
        outcome_count,
        base_count,
        share as adjusted_share,
        share_low,
        share_high,
        first_share as unadjusted_share,
        cast(first_share - share as decimal(9, 6)) as unadjusted_difference,
        effective_count,
        unknown_count,
        is_reliable,
        base_count as unweighted_count,
        case finding
            when 'T5' then 'technicians in technical sectors, state known'
            else 'technicians who left or changed, destination known'
        end as denominator_label
    from estimates
)

select * from survey_quality
order by finding, reading, period
