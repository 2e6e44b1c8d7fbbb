-- warn: every sector with workers is among those seen in the survey of the base period.
-- A sector that the survey never met counts as not technical for want of
-- evidence.
with worker_sectors as (
    select
        sector_code,
        min(year) as first_year
    from core.main_jobs
    where is_reference_day and sector_code is not null
    group by sector_code
),

technical_sectors as (
    select sector_code
    from core.technical_sectors
)

select
    worker_sectors.sector_code,
    worker_sectors.first_year
from worker_sectors
left anti join technical_sectors
    on worker_sectors.sector_code = technical_sectors.sector_code
