-- One row per sector with workers in the first interviews of the base period.
-- A sector is technical if the weighted share of technical occupations among
-- its workers is above the threshold, strictly, and compared without division.
-- The list is made once and frozen: made anew each year, people would leave
-- technique by staying where they are. Weights are of a year each, so their
-- sums count person-years. The margin is 1.96 standard errors of a ratio of
-- weighted sums, linearised, with respondents as independent; it is null where
-- nobody or everybody is technical, since it would say zero.
with survey_person_waves as (
    select
        sector_code,
        first_wave_weight,
        is_technical_function
    from core.survey_person_waves
    where
        wave_number = 1
        and is_working
        and is_technical_function is not null
        and sector_code is not null
        and first_wave_weight is not null
),

workers as (
    select
        sector_code,
        cast(first_wave_weight as decimal(16, 6)) as weight,
        cast(
            case when is_technical_function then first_wave_weight else 0 end
            as decimal(16, 6)
        ) as technical_weight,
        case when is_technical_function then 1 else 0 end as technical_count
    from survey_person_waves
),

sums as (
    select
        sector_code,
        count(*) as worker_count,
        sum(technical_count) as technical_count,
        cast(sum(weight) as decimal(20, 6)) as worker_weight,
        cast(sum(technical_weight) as decimal(20, 6)) as technical_weight,
        sum(weight * weight) as squared_weight,
        sum(technical_weight * technical_weight) as squared_technical_weight
    from workers
    group by sector_code
),

-- Doubles from here on: each is made from one row of exact sums.
shares as (
    select
        sector_code,
        worker_count,
        technical_count,
        worker_weight,
        technical_weight,
        cast(technical_weight as double)
        / nullif(cast(worker_weight as double), 0) as share,
        cast(squared_weight as double) as squared_weight,
        cast(squared_technical_weight as double) as squared_technical_weight
    from sums
),

technical_sectors as (
    select
        sector_code,
        worker_count,
        technical_count,
        worker_weight,
        technical_weight,
        cast(share as decimal(9, 6)) as technical_share,
        case
            when technical_count > 0 and technical_count < worker_count
                then cast(
                    1.96 * sqrt(
                        greatest(
                            squared_technical_weight * (1 - 2 * share)
                            + squared_weight * share * share,
                            0
                        ) * worker_count / (worker_count - 1)
                    ) / nullif(cast(worker_weight as double), 0)
                    as decimal(9, 6)
                )
        end as share_margin,
        technical_weight > $technical_share * worker_weight as is_technical
    from shares
)

select * from technical_sectors
order by sector_code nulls first
