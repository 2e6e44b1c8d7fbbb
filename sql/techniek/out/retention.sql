-- One row per period, age group and readings of working and of the function:
-- who had a technical function in a technical sector at the first interview,
-- and who still has one at the fifth, a year later. Another employer in a
-- technical sector is staying. Where the answer is not known, a pair is in
-- neither count, but in the unknown one.
with retention as (
    select
        period,
        split_part(cell, ' ', 1) as working_reading,
        split_part(cell, ' ', 2) as function_reading,
        split_part(cell, ' ', 3) as age_group,
        outcome_weight as stay_weight,
        base_weight,
        outcome_count as stay_count,
        base_count,
        share as retention_share,
        share_low,
        share_high,
        effective_count,
        unknown_count,
        unknown_weight,
        is_reliable,
        base_count as unweighted_count,
        'technical function in a technical sector at the first interview,'
        || ' state known a year later' as denominator_label
    from core.survey_intervals
    where estimate = 'retention'
)

select * from retention
order by period, working_reading, function_reading, age_group
