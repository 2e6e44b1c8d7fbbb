-- One row per period, rule of employers, sector group, function and age group:
-- who has another employer a year after the first interview. The function is
-- the survey's, the employers are the registers'. economic_administrative is
-- among other.
with switches_by_function as (
    select
        period,
        split_part(cell, ' ', 1) as employer_rule,
        split_part(cell, ' ', 2) as sector_group,
        split_part(cell, ' ', 3) as function_code,
        split_part(cell, ' ', 4) as age_group,
        outcome_weight as switch_weight,
        base_weight,
        outcome_count as switch_count,
        base_count,
        share as switch_share,
        share_low,
        share_high,
        effective_count,
        unknown_count,
        unknown_weight,
        is_reliable,
        base_count as unweighted_count,
        'respondents with an employer at the first interview and a year later,'
        || ' both known' as denominator_label
    from core.survey_intervals
    where estimate = 'switches_by_function'
)

select * from switches_by_function
order by period, employer_rule, sector_group, function_code, age_group
