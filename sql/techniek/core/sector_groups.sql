-- One row per division of the SBI: technical or other, by the frozen list. A
-- division that the survey of the base period never met counts as other, for
-- want of evidence.
with sbi_divisions as (
    select sector_code
    from staging.sbi_divisions
),

technical_sectors as (
    select
        sector_code,
        is_technical
    from core.technical_sectors
),

sector_groups as (
    select
        sbi_divisions.sector_code,
        case
            when technical_sectors.is_technical then 'technical' else 'other'
        end as sector_group
    from sbi_divisions
    left join technical_sectors
        on sbi_divisions.sector_code = technical_sectors.sector_code
)

select * from sector_groups
order by sector_code nulls first
