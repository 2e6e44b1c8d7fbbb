-- One row per statement of the letter, reading, sector group and year. A row
-- that the code list findings has no words for is not a statement of the letter,
-- as for workers whose sector is not known. Bounds are null where nothing is
-- estimated; detail is which characteristic C1 is of, unit what a value is. A
-- difference has no persons as its numerator: T3 of technical sectors less the
-- others, T4 of other functions less technical ones, with the interval that
-- Newcombe makes of the two of Wilson.
with shares as (
    select * from out.finding_counts
    union all
    select * from out.finding_ratios
    union all
    select * from out.finding_estimates
),

differences as (
    select
        one.finding,
        case one.finding
            when 'T3' then one.reading
            else replace(one.reading, 'other_', 'difference_')
        end as reading,
        case one.finding when 'T3' then 'difference' else one.sector_group end
            as sector_group,
        one.year,
        one.value - other.value as value,
        cast(
            one.value - other.value
            - sqrt(
                power(cast(one.value - one.value_low as double), 2)
                + power(cast(other.value_high - other.value as double), 2)
            ) as decimal(24, 6)
        ) as value_low,
        cast(
            one.value - other.value
            + sqrt(
                power(cast(one.value_high - one.value as double), 2)
                + power(cast(other.value - other.value_low as double), 2)
            ) as decimal(24, 6)
        ) as value_high,
        cast(null as decimal(24, 6)) as numerator,
        cast(null as decimal(24, 6)) as denominator,
        one.unweighted_count + other.unweighted_count as unweighted_count,
        one.is_reliable and other.is_reliable as is_reliable,
        cast(null as string) as detail
    from shares as one
    inner join shares as other
        on one.finding = other.finding and one.year = other.year
    where
        one.finding = 'T3'
        and one.reading = other.reading
        and one.sector_group = 'technical'
        and other.sector_group = 'other'
        or one.finding = 'T4'
        and one.reading like 'other_%'
        and other.reading = replace(one.reading, 'other_', 'technical_')
),

findings as (
    select
        statements.finding,
        statements.reading,
        statements.sector_group,
        statements.year,
        cast(statements.value as decimal(24, 6)) as value,
        statements.value_low,
        statements.value_high,
        statements.numerator,
        statements.denominator,
        words.denominator_label,
        statements.unweighted_count,
        statements.is_reliable,
        statements.detail,
        words.letter_value,
        words.family,
        words.unit,
        words.label_nl,
        words.label_en,
        words.note
    from (
        select * from shares
        union all
        select * from differences
    ) as statements
    inner join staging.findings as words
        on
            statements.finding = words.finding
            and statements.reading = words.reading
            and statements.sector_group = words.sector_group
)

select * from findings
order by finding, reading, sector_group, year
