-- One row per statement of the letter that rests on the survey, reading, sector
-- group and year: weights, count and interval. Of a year, of pairs their first;
-- readings that end in _pooled are of all years together, under the last, and
-- their weights count person-years. Of C2 readings that begin with people_ are
-- people themselves, out of nobody.
with intervals as (
    select
        *,
        split_part(cell, ' ', 1) as part1,
        split_part(cell, ' ', 2) as part2,
        split_part(cell, ' ', 3) as part3,
        split_part(cell, ' ', 4) as part4,
        cast(right(period, 4) as integer) as year,
        case when period like '%..%' then '_pooled' else '' end as pooled
    from core.survey_intervals
),

statements as (
    select
        'T2' as finding,
        case part3 when 'all' then '' else 'technicians_of_' end || part1
            as reading,
        case part3 when 'all' then 'all' else 'technical' end as sector_group,
        *
    from intervals
    where
        estimate = 'workforce'
        and part2 = 'technical'
        and part3 in ('all', 'technical')
    union all
    select
        'T4' as finding,
        part3 || '_' || part1 as reading,
        'technical' as sector_group,
        *
    from intervals
    where
        estimate = 'switches_by_function'
        and part2 = 'technical'
        and part4 = '15-74'
    union all
    select
        'T5' as finding,
        part2 || '_' || part1 as reading,
        'technical' as sector_group,
        *
    from intervals
    where estimate = 'retention' and part3 = '15-74'
    union all
    select
        'T6' as finding,
        part1 || '_' || part2 as reading,
        'technical' as sector_group,
        *
    from intervals
    where estimate = 'leaver_destinations' and part3 = 'other_function'
    union all
    select
        'T10' as finding,
        part2 || '_' || part3 as reading,
        'all' as sector_group,
        *
    from intervals
    where
        estimate = 'education_match'
        and part1 = $technical_education
        and part2 != 'unknown'
    union all
    select
        'C2' as finding,
        cell as reading,
        'all' as sector_group,
        *
    from intervals
    where estimate = 'redirectable'
),

finding_estimates as (
    select
        finding,
        reading || pooled as reading,
        sector_group,
        year,
        cast(share as decimal(28, 10)) as value,
        cast(share_low as decimal(24, 6)) as value_low,
        cast(share_high as decimal(24, 6)) as value_high,
        outcome_weight as numerator,
        base_weight as denominator,
        base_count as unweighted_count,
        is_reliable,
        cast(null as string) as detail
    from statements
    union all
    select
        'C2' as finding,
        'people_' || cell as reading,
        'all' as sector_group,
        year,
        cast(person_weight as decimal(28, 10)) as value,
        weight_low as value_low,
        weight_high as value_high,
        person_weight as numerator,
        cast(null as decimal(24, 6)) as denominator,
        person_count as unweighted_count,
        is_reliable,
        cast(null as string) as detail
    from core.survey_totals
    where total_kind = 'people'
)

select * from finding_estimates
order by finding, reading, sector_group, year
