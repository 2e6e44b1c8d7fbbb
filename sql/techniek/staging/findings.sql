-- One row per statement of the letter, reading and sector group: in words.
with code_list as (
    select
        finding,
        reading,
        sector_group,
        family,
        unit,
        letter_value,
        denominator_label,
        label_nl,
        label_en,
        note
    from raw.findings
),

findings as (
    select
        finding,
        reading,
        sector_group,
        family,
        unit,
        letter_value,
        denominator_label,
        label_nl,
        label_en,
        note
    from code_list
)

select * from findings
order by finding nulls first, reading nulls first, sector_group nulls first
