-- One row per year, level of education, age group, present position and the first
-- criterion that stands in the way, of the technically educated without a
-- technical function: people by the weights of who was asked first in the year.
-- Rows add up, so that a reader can choose other criteria. Who may be one of them
-- and is not known to be stands under function_unknown and education_unknown.
with redirectable as (
    select
        year,
        split_part(cell, ' ', 1) as education_level,
        split_part(cell, ' ', 2) as age_group,
        split_part(cell, ' ', 3) as position_code,
        split_part(cell, ' ', 4) as criterion,
        person_weight,
        weight_low,
        weight_high,
        person_count,
        is_reliable,
        person_count as unweighted_count,
        case split_part(cell, ' ', 4)
            when 'function_unknown' then 'function unknown, may be technically educated'
            when 'education_unknown' then 'no technical function, education unknown'
            else 'technically educated, without a technical function'
        end || ', 15 to 74, by the weights of who was asked first in the year'
            as denominator_label
    from core.survey_totals
    where total_kind = 'cell'
)

select * from redirectable
order by year, education_level, age_group, position_code, criterion
