-- stop: the technically educated of all levels are those of each, the unknown one with them.
with sums as (
    select
        period,
        denominator_code,
        technical_education,
        education_level = 'all' as is_total,
        sum(base_weight) as base_weight,
        sum(not_technical_weight) as not_technical_weight,
        sum(unknown_weight) as unknown_weight,
        sum(base_count) as base_count,
        sum(not_technical_count) as not_technical_count,
        sum(unknown_count) as unknown_count
    from out.education_match
    group by 1, 2, 3, 4
)

select
    levels.period,
    levels.denominator_code,
    levels.technical_education
from sums as levels
left join sums as whole
    on
        levels.period = whole.period
        and levels.denominator_code = whole.denominator_code
        and levels.technical_education = whole.technical_education
        and whole.is_total
where
    not levels.is_total
    and (
        whole.base_count is null
        or levels.base_weight != whole.base_weight
        or levels.not_technical_weight != whole.not_technical_weight
        or levels.unknown_weight != whole.unknown_weight
        or levels.base_count != whole.base_count
        or levels.not_technical_count != whole.not_technical_count
        or levels.unknown_count != whole.unknown_count
    )
