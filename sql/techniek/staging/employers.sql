-- One row per employer (business unit) of the year.
-- The sector is the division of the SBI 2008: its first two digits. A code
-- that lost its leading zero would be that of another sector, so one without
-- five characters, four of them digits, has none.
with business_units as (
    select
        beid,
        sbi2008v,
        gksbs
    from raw.employers
),

employers as (
    select
        cast($year as integer) as year,
        beid as employer_id,
        sbi2008v as sbi_code,
        case
            when regexp_like(sbi2008v, '^[0-9]{4}[0-9A-Za-z]$')
                then substr(sbi2008v, 1, 2)
        end as sector_code,
        gksbs as size_code
    from business_units
)

select * from employers
order by employer_id nulls first
