-- One row per statement of the letter, reading, sector group and year. A row
-- that the code list findings has no words for is not a statement of the letter,
-- as for workers whose sector is not known. Bounds are null where nothing is
-- estimated. The difference of T3 is the share of technical sectors less that
-- of the others; no persons are its numerator.
with finding_counts as (
    select
        finding,
        reading,
        sector_group,
        year,
        numerator,
        denominator,
        unweighted_count
    from out.finding_counts
),

shares as (
    select
        *,
        cast(numerator as decimal(28, 10)) / nullif(denominator, 0) as share
    from finding_counts
),

statements as (
    select
        finding,
        reading,
        sector_group,
        year,
        cast(share as decimal(9, 6)) as value,
        numerator,
        denominator,
        unweighted_count
    from shares
    union all
    select
        technical.finding,
        technical.reading,
        'difference' as sector_group,
        technical.year,
        cast(technical.share - other.share as decimal(9, 6)) as value,
        cast(null as decimal(20, 6)) as numerator,
        cast(null as decimal(20, 6)) as denominator,
        technical.unweighted_count + other.unweighted_count as unweighted_count
    from shares as technical
    inner join shares as other
        on
            technical.reading = other.reading
            and technical.year = other.year
    where
        technical.finding = 'T3'
        and other.finding = 'T3'
        and technical.sector_group = 'technical'
        and other.sector_group = 'other'
),

findings as (
    select
        statements.finding,
        statements.reading,
        statements.sector_group,
        statements.year,
        statements.value,
        cast(null as decimal(9, 6)) as value_low,
        cast(null as decimal(9, 6)) as value_high,
        statements.numerator,
        statements.denominator,
        words.denominator_label,
        statements.unweighted_count,
        words.letter_value,
        words.family,
        words.label_nl,
        words.label_en,
        words.note
    from statements
    inner join staging.findings as words
        on
            statements.finding = words.finding
            and statements.reading = words.reading
            and statements.sector_group = words.sector_group
)

select * from findings
order by finding, reading, sector_group, year
