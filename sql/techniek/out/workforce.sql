-- One row per year, reading of working, sector group and function: people, by
-- the weights of who was asked first in that year, and the share of a function
-- in its sector group, or of the group among all whose sector is known
-- (function all). Who has no known function is counted beside, in no share.
with respondents as (
    select
        respondents.year,
        readings.working_reading,
        coalesce(sector_groups.sector_group, 'unknown') as sector_group,
        case respondents.is_technical_function
            when true then 'technical'
            when false then 'other'
            else 'unknown'
        end as function_code,
        respondents.weight
    from core.respondents as respondents
    left join core.sector_groups as sector_groups
        on respondents.sector_code = sector_groups.sector_code
    inner join staging.working_readings as readings
        on respondents.work_code = readings.work_code
),

people as (
    select
        year,
        working_reading,
        sector_group,
        function_code,
        sum(weight) as person_weight,
        count(*) as person_count
    from respondents
    group by year, working_reading, sector_group, function_code
    union all
    select
        year,
        working_reading,
        sector_group,
        'all' as function_code,
        sum(weight) as person_weight,
        count(*) as person_count
    from respondents
    group by year, working_reading, sector_group
),

workforce as (
    select
        people.year,
        people.working_reading,
        people.sector_group,
        people.function_code,
        cast(people.person_weight as decimal(24, 6)) as person_weight,
        people.person_count,
        intervals.base_weight,
        intervals.base_count,
        intervals.share,
        intervals.share_low,
        intervals.share_high,
        intervals.effective_count,
        intervals.unknown_count,
        intervals.is_reliable,
        coalesce(intervals.base_count, people.person_count)
            as unweighted_count,
        case people.function_code
            when 'all' then 'workers asked first in the year, sector known'
            else 'workers of the sector group asked first in the year, function'
                || ' known'
        end as denominator_label
    from people
    left join core.survey_intervals as intervals
        on
            intervals.estimate = 'workforce'
            and intervals.period = cast(people.year as string)
            and intervals.cell
            = people.working_reading || ' ' || people.sector_group || ' '
            || people.function_code
)

select * from workforce
order by year, working_reading, sector_group, function_code
