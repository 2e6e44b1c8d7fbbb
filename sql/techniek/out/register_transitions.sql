-- One row per from_year, sector, age group and transition: persons.
-- Sector and age are those of the start. The sector is "none" without a job
-- then, "unknown" for a job whose sector is not known. A known sector that the
-- survey of the base period never met is not technical.
with transitions as (
    select
        from_age_group,
        from_is_employed,
        from_sector_code,
        transition_code
    from core.transitions
),

technical_sectors as (
    select
        sector_code,
        is_technical
    from core.technical_sectors
),

origins as (
    select
        case
            when not from_is_employed then 'none'
            else coalesce(from_sector_code, 'unknown')
        end as sector_code,
        from_age_group as age_group,
        transition_code
    from transitions
),

counts as (
    select
        sector_code,
        age_group,
        transition_code,
        count(*) as person_count
    from origins
    group by sector_code, age_group, transition_code
),

register_transitions as (
    select
        cast($year as integer) as from_year,
        counts.sector_code,
        case
            when counts.sector_code = 'none' then 'not_employed'
            when counts.sector_code = 'unknown' then 'unknown'
            when technical_sectors.is_technical then 'technical'
            else 'other'
        end as sector_group,
        counts.age_group,
        counts.transition_code,
        counts.person_count
    from counts
    left join technical_sectors
        on counts.sector_code = technical_sectors.sector_code
)

select * from register_transitions
order by from_year, sector_code, age_group, transition_code
