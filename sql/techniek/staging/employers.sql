-- One row per employer (business unit) of the year.
-- The sector is the division of the SBI 2008: its first two digits.
with business_units as (
    select
        beid,
        sbi2008v,
        gksbs
    from raw.employers
),

employers as (
    select
        beid as employer_id,
        sbi2008v as sbi_code,
        substr(sbi2008v, 1, 2) as sector_code,
        gksbs as size_class_code
    from business_units
)

select * from employers
order by employer_id nulls first
