-- One row per sector and reading of it (of the register, or as answered) that
-- employees of the base period have: the share of technical functions, and how
-- sure it is that it lies above the threshold or below. A sector is certain
-- where the threshold is outside the interval, and there is one. Without any of
-- leave_one_year_out_flips years of the base period the share would be on the
-- other side. The group is that of the frozen list. without_job_count: who works
-- by the answer, answered this sector, and has no job that counts.
with intervals as (
    select
        split_part(cell, ' ', 1) as survey_sector,
        split_part(cell, ' ', 2) as sector_code,
        *
    from core.survey_intervals
    where estimate = 'sectors'
),

pooled as (
    select *
    from intervals
    where
        period
        = case
            when left($base_period, 4) = right($base_period, 4)
                then left($base_period, 4)
            else $base_period
        end
),

flips as (
    select
        pooled.survey_sector,
        pooled.sector_code,
        count(*) as flip_count
    from pooled
    inner join intervals as years
        on
            pooled.cell = years.cell
            and pooled.period != years.period
    where
        (pooled.outcome_weight > $technical_share * pooled.base_weight)
        != (
            pooled.outcome_weight - years.outcome_weight
            > $technical_share * (pooled.base_weight - years.base_weight)
        )
    group by pooled.survey_sector, pooled.sector_code
),

without_job as (
    select
        answered_sector_code as sector_code,
        count(*) as without_job_count
    from core.respondents
    where work_code in ('self_employed', 'unknown')
    group by answered_sector_code
),

sectors as (
    select
        pooled.sector_code,
        pooled.survey_sector,
        divisions.sector_name_nl,
        divisions.sector_name_en,
        sector_groups.sector_group,
        pooled.share as technical_share,
        pooled.share_low,
        pooled.share_high,
        cast(pooled.share - $technical_share as decimal(9, 6)) as distance,
        coalesce(
            not $technical_share between pooled.share_low and pooled.share_high,
            false
        ) as is_certain,
        coalesce(flips.flip_count, 0) as leave_one_year_out_flips,
        pooled.outcome_weight as technical_weight,
        pooled.base_weight as worker_weight,
        pooled.outcome_count as technical_count,
        pooled.base_count as worker_count,
        pooled.effective_count,
        pooled.unknown_count,
        coalesce(without_job.without_job_count, 0) as without_job_count,
        pooled.sector_code = '78' as is_agency,
        pooled.is_reliable,
        pooled.base_count as unweighted_count,
        'employees asked first in the base period, function known'
            as denominator_label,
        $base_period as base_period,
        $technical_occupations as technical_occupations
    from pooled
    left join core.sector_groups as sector_groups
        on pooled.sector_code = sector_groups.sector_code
    left join staging.sbi_divisions as divisions
        on pooled.sector_code = divisions.sector_code
    left join flips
        on
            pooled.sector_code = flips.sector_code
            and pooled.survey_sector = flips.survey_sector
    left join without_job
        on pooled.sector_code = without_job.sector_code
)

select * from sectors
order by sector_code, survey_sector
