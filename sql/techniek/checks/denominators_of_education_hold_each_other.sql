-- stop: of the technically educated those in work are among the labour force, and these among everybody.
with counts as (
    select
        period,
        education_level,
        technical_education,
        denominator_code,
        base_weight,
        base_weight + unknown_weight as whole_weight,
        base_count + unknown_count as whole_count
    from out.education_match
)

select
    smaller.period,
    smaller.education_level,
    smaller.technical_education,
    smaller.denominator_code
from counts as smaller
left join counts as larger
    on
        smaller.period = larger.period
        and smaller.education_level = larger.education_level
        and smaller.technical_education = larger.technical_education
        and larger.denominator_code
        = case smaller.denominator_code
            when 'in_work' then 'labour_force' else 'everybody'
        end
where
    larger.whole_count is null
    or smaller.base_weight > larger.base_weight
    or smaller.whole_weight > larger.whole_weight
    or smaller.whole_count > larger.whole_count
