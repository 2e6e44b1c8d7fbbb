-- warn: every sector is a division of the SBI 2008.
with sectors as (
    select distinct sector_code
    from staging.employers
    where sector_code is not null
),

sbi_divisions as (
    select sector_code
    from staging.sbi_divisions
)

select sectors.sector_code
from sectors
left anti join sbi_divisions
    on sectors.sector_code = sbi_divisions.sector_code
