-- One row per sector seen in the survey of the base period: the frozen list
-- of technical sectors, with how sure it is.
with technical_sectors as (
    select
        sector_code,
        technical_share,
        share_margin,
        technical_weight,
        worker_weight,
        technical_count,
        worker_count,
        is_technical
    from core.technical_sectors
),

sbi_divisions as (
    select
        sector_code,
        sector_name_nl,
        sector_name_en
    from staging.sbi_divisions
),

sectors as (
    select
        technical_sectors.sector_code,
        sbi_divisions.sector_name_nl,
        sbi_divisions.sector_name_en,
        case
            when technical_sectors.is_technical then 'technical' else 'other'
        end as sector_group,
        technical_sectors.technical_share,
        technical_sectors.share_margin,
        technical_sectors.technical_weight,
        technical_sectors.worker_weight,
        technical_sectors.technical_count,
        technical_sectors.worker_count,
        $base_period as base_period,
        $technical_occupations as technical_occupations
    from technical_sectors
    left join sbi_divisions
        on technical_sectors.sector_code = sbi_divisions.sector_code
)

select * from sectors
order by sector_code
