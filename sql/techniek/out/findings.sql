-- One row per statement of the letter, reading, sector group and year. A row
-- that the code list findings has no words for is not a statement of the letter,
-- as for workers whose sector is not known. Bounds are null where nothing is
-- estimated.
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

findings as (
    select
        finding_counts.finding,
        finding_counts.reading,
        finding_counts.sector_group,
        finding_counts.year,
        cast(
            cast(finding_counts.numerator as decimal(28, 10))
            / nullif(finding_counts.denominator, 0) as decimal(9, 6)
        ) as value,
        cast(null as decimal(9, 6)) as value_low,
        cast(null as decimal(9, 6)) as value_high,
        finding_counts.numerator,
        finding_counts.denominator,
        words.denominator_label,
        finding_counts.unweighted_count,
        words.letter_value,
        words.family,
        words.label_nl,
        words.label_en,
        words.note
    from finding_counts
    inner join staging.findings as words
        on
            finding_counts.finding = words.finding
            and finding_counts.reading = words.reading
            and finding_counts.sector_group = words.sector_group
)

select * from findings
order by finding, reading, sector_group, year
