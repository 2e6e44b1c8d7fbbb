-- One row per period, level of education, denominator and list of technical
-- education: of the technically educated those without a technical function, out
-- of everybody, of the labour force and of those in work. The level unknown
-- counts who has no known education; such people, and those whose function is
-- not known, are in no share.
with education_match as (
    select
        period,
        split_part(cell, ' ', 2) as education_level,
        split_part(cell, ' ', 3) as denominator_code,
        split_part(cell, ' ', 1) as technical_education,
        outcome_weight as not_technical_weight,
        base_weight,
        outcome_count as not_technical_count,
        base_count,
        share as not_technical_share,
        share_low,
        share_high,
        effective_count,
        unknown_count,
        unknown_weight,
        is_reliable,
        base_count as unweighted_count,
        'technically educated of 15 to 74 asked first in the year, '
        || case split_part(cell, ' ', 3)
            when 'everybody' then 'everybody'
            when 'labour_force' then 'the labour force'
            else 'in work'
        end || ', function known' as denominator_label
    from core.survey_intervals
    where estimate = 'education_match'
)

select * from education_match
order by period, education_level, denominator_code, technical_education
