-- One row per statement of the letter that counts, reading, sector group and
-- year: the counts behind it. The year is the first of a pair; T1 counts sectors
-- of the base period, under its last year. What the survey estimates of people
-- and what is a ratio have tables of their own.
with readings as (
    select reading
    from (
        values ('raw'), ('corrected'), ('corrected_less_swaps')
    ) as list (reading)
),

employer_switches as (
    select
        readings.reading,
        switches.sector_group,
        switches.from_year as year,
        sum(
            case readings.reading
                when 'raw' then switches.raw_switch_count
                when 'corrected' then switches.corrected_switch_count
                else switches.corrected_less_swap_count
            end
        ) as numerator,
        sum(switches.base_count) as denominator
    from out.employer_switches as switches
    cross join readings
    where switches.age_group not in ('other', 'unknown')
    group by readings.reading, switches.sector_group, switches.from_year
),

sector_readings as (
    select reading
    from
        (
            values
            ('technical_sectors'),
            ('uncertain_sectors'),
            ('workers_in_uncertain_sectors')
        ) as list (reading)
),

finding_counts as (
    select
        'T1' as finding, readings.reading, 'all' as sector_group,
        cast(right($base_period, 4) as integer) as year,
        sum(
            case
                when readings.reading = 'technical_sectors'
                    then case sectors.sector_group
                        when 'technical' then 1 else 0
                    end
                when sectors.is_certain then 0
                when readings.reading = 'uncertain_sectors' then 1
                else sectors.worker_weight
            end
        ) as numerator,
        sum(
            case readings.reading
                when 'workers_in_uncertain_sectors' then sectors.worker_weight
                else 1
            end
        ) as denominator,
        sum(sectors.worker_count) as unweighted_count
    from out.sectors as sectors
    cross join sector_readings as readings
    where sectors.survey_sector = $survey_sector and sectors.worker_count > 0
    group by readings.reading
    union all
    select
        'T3' as finding, reading, sector_group, year, numerator, denominator,
        denominator as unweighted_count
    from employer_switches
    union all
    select
        'T7' as finding, reading || '_' || employer_rule as reading,
        sector_group, from_year as year,
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
        end || '_' || employer_rule as reading,
        sector_group, from_year as year,
        sum(person_count) as numerator,
        min(leaver_count) as denominator,
        min(leaver_count) as unweighted_count
    from out.youth_destinations
    group by 1, 2, 3, 4
    union all
    select
        'T9' as finding, reading || '_' || employer_rule as reading,
        'all' as sector_group, from_year as year,
        sum(falling_count) as numerator,
        count(*) as denominator,
        sum(base_count) as unweighted_count
    from out.age_gradients
    group by 1, 2, 3, 4
)

select
    finding,
    reading,
    sector_group,
    year,
    cast(numerator as decimal(28, 10)) / nullif(denominator, 0) as value,
    cast(null as decimal(24, 6)) as value_low,
    cast(null as decimal(24, 6)) as value_high,
    cast(numerator as decimal(24, 6)) as numerator,
    cast(denominator as decimal(24, 6)) as denominator,
    cast(unweighted_count as bigint) as unweighted_count,
    cast(null as boolean) as is_reliable,
    cast(null as string) as detail
from finding_counts
order by finding, reading, sector_group, year
