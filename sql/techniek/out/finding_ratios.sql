-- One row per from_year and place of C1: of the employees and directors of
-- technical sectors the three characteristics with the largest and the three with
-- the smallest age-standardised rate of leaving work, as ratio to that of all of
-- them. What is not known of somebody is no characteristic, nor is a value with
-- a base under least_base_count. detail says which it is.
with rates as (
    select
        reasons.from_year,
        reasons.characteristic || ' ' || reasons.value_code as detail,
        reasons.event_count,
        reasons.base_count,
        cast(
            cast(reasons.standardised_rate as decimal(20, 10))
            / nullif(whole.standardised_rate, 0) as decimal(28, 10)
        ) as ratio
    from out.reasons as reasons
    inner join out.reasons as whole
        on
            reasons.from_year = whole.from_year
            and reasons.sector_group = whole.sector_group
            and reasons.event = whole.event
    where
        reasons.sector_group = 'technical'
        and reasons.event = 'exit'
        and reasons.characteristic != 'all'
        and reasons.value_code != 'unknown'
        and reasons.base_count >= $least_base_count
        and whole.characteristic = 'all'
        and reasons.standardised_rate is not null
),

places as (
    select
        *,
        row_number() over (
            partition by from_year order by ratio desc, detail
        ) as from_above,
        row_number() over (
            partition by from_year order by ratio, detail
        ) as from_below
    from rates
    where ratio is not null
),

finding_ratios as (
    select
        'C1' as finding,
        'largest_' || from_above as reading,
        places.*
    from places
    where from_above <= 3
    union all
    select
        'C1' as finding,
        'smallest_' || from_below as reading,
        places.*
    from places
    where from_below <= 3
)

select
    finding,
    reading,
    'technical' as sector_group,
    from_year as year,
    ratio as value,
    cast(null as decimal(24, 6)) as value_low,
    cast(null as decimal(24, 6)) as value_high,
    cast(event_count as decimal(24, 6)) as numerator,
    cast(base_count as decimal(24, 6)) as denominator,
    base_count as unweighted_count,
    cast(null as boolean) as is_reliable,
    detail
from finding_ratios
order by finding, reading, sector_group, year
