-- One row per statement of the letter, reading, sector group and year: the
-- counts behind it. The year is the first of a pair; T2 pools the base period,
-- under its last year. T9 counts sectors with enough persons in each age group.
with age_rates as (
    select
        from_year,
        reading,
        sector_code,
        sum(case age_group when '15-24' then leaver_count else 0 end) as left_15,
        sum(case age_group when '15-24' then base_count else 0 end) as base_15,
        sum(case age_group when '25-34' then leaver_count else 0 end) as left_25,
        sum(case age_group when '25-34' then base_count else 0 end) as base_25,
        sum(case age_group when '35-44' then leaver_count else 0 end) as left_35,
        sum(case age_group when '35-44' then base_count else 0 end) as base_35,
        sum(case age_group when '45-54' then leaver_count else 0 end) as left_45,
        sum(case age_group when '45-54' then base_count else 0 end) as base_45
    from out.mobility_by_age
    where sector_code != 'unknown'
    group by from_year, reading, sector_code
),

age_gradients as (
    select
        from_year,
        reading,
        base_15 + base_25 + base_35 + base_45 as base_count,
        case
            when
                left_15 * base_25 > left_25 * base_15
                and left_25 * base_35 > left_35 * base_25
                and left_35 * base_45 > left_45 * base_35
                then 1
            else 0
        end as falling_count
    from age_rates
    where least(base_15, base_25, base_35, base_45) >= $least_base_count
),

finding_counts as (
    select
        'T2' as finding, 'workers' as reading, 'all' as sector_group,
        cast(right($base_period, 4) as integer) as year,
        sum(
            case sector_group when 'technical' then worker_weight else 0 end
        ) as numerator,
        sum(worker_weight) as denominator,
        sum(worker_count) as unweighted_count
    from out.sectors
    union all
    select
        'T2' as finding, 'technicians' as reading, sector_group,
        cast(right($base_period, 4) as integer) as year,
        sum(technical_weight) as numerator,
        sum(worker_weight) as denominator,
        sum(worker_count) as unweighted_count
    from out.sectors
    where sector_group = 'technical'
    group by sector_group
    union all
    select
        'T3' as finding, 'raw' as reading, sector_group, from_year as year,
        sum(switch_count) as numerator,
        sum(base_count) as denominator,
        sum(base_count) as unweighted_count
    from out.employer_switches
    where age_group not in ('other', 'unknown')
    group by from_year, sector_group
    union all
    select
        'T5' as finding, 'as_coded' as reading, 'technical' as sector_group,
        from_year as year,
        sum(stay_weight) as numerator,
        sum(base_weight) as denominator,
        sum(base_count) as unweighted_count
    from out.retention
    group by from_year
    union all
    select
        'T7' as finding, reading, sector_group, from_year as year,
        leaver_count as numerator,
        base_count as denominator,
        base_count as unweighted_count
    from out.youth_mobility
    union all
    select
        'T8' as finding,
        case
            when destination in ('technical', 'other', 'unknown')
                then 'to_' || destination
            else 'rest'
        end as reading,
        sector_group, from_year as year,
        sum(person_count) as numerator,
        min(leaver_count) as denominator,
        min(leaver_count) as unweighted_count
    from out.youth_destinations
    group by 1, 2, 3, 4
    union all
    select
        'T9' as finding, reading, 'all' as sector_group, from_year as year,
        sum(falling_count) as numerator,
        count(*) as denominator,
        sum(base_count) as unweighted_count
    from age_gradients
    group by from_year, reading
)

select
    finding,
    reading,
    sector_group,
    year,
    cast(numerator as decimal(20, 6)) as numerator,
    cast(denominator as decimal(20, 6)) as denominator,
    cast(unweighted_count as bigint) as unweighted_count
from finding_counts
order by finding, reading, sector_group, year
