-- warn: the base period has technical sectors and others.
with sectors as (
    select
        count(*) as sector_count,
        sum(case when is_technical then 1 else 0 end) as technical_count
    from core.technical_sectors
)

select
    sector_count,
    technical_count
from sectors
where
    technical_count is null
    or technical_count = 0
    or technical_count = sector_count
