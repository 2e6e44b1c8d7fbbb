-- One row per employer (business unit) of the year.
with business_units as (
    select
        beid,
        sbi2008v
    from raw.employers
),

employers as (
    select
        beid as employer_id,
        substr(sbi2008v, 1, 2) as sector_code
    from business_units
)

select * from employers
order by employer_id nulls first
