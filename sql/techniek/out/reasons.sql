-- One row per from_year, sector group, characteristic, value and event: how many
-- employees and directors of 15 to 74 changed employer (switch) or left work
-- (exit) within the year, and the rate that they would have if their ages were
-- those of all sector groups together: the sum over age groups of the rate times
-- the share of the age group (see core.reason_ages). Of one group of ages there
-- is none. It says what goes with an event, not why.
with age_groups as (
    select
        from_year,
        sector_group,
        characteristic,
        value_code,
        event,
        age_number,
        sum(event_count) as event_count,
        sum(base_count) as base_count,
        cast(
            cast(sum(event_count) * sum(mix_count) as decimal(28, 10))
            / nullif(sum(base_count), 0) as decimal(28, 10)
        ) as standard_count,
        sum(mix_count) as mix_count,
        case
            when count(*) > 1 then min(age_group) || ' to ' || max(age_group)
        end as merged_ages
    from core.reason_ages
    group by
        from_year, sector_group, characteristic, value_code, event, age_number
),

sums as (
    select
        from_year,
        sector_group,
        characteristic,
        value_code,
        event,
        sum(event_count) as event_count,
        sum(base_count) as base_count,
        case
            when count(*) > 1
                then cast(
                    cast(sum(standard_count) as decimal(30, 10))
                    / sum(mix_count) as decimal(12, 10)
                )
        end as standardised_rate,
        string_agg(merged_ages, ', ' order by merged_ages) as merged_ages
    from age_groups
    group by from_year, sector_group, characteristic, value_code, event
),

reasons as (
    select
        from_year,
        sector_group,
        characteristic,
        value_code,
        event,
        cast(event_count as bigint) as event_count,
        cast(base_count as bigint) as base_count,
        cast(standardised_rate as decimal(9, 6)) as standardised_rate,
        cast(base_count as bigint) as unweighted_count,
        'what goes with it, not why; ages as of all employees of the year'
        || coalesce('; ages taken together: ' || merged_ages, '') as note,
        case event
            when 'switch'
                then 'employees and directors of 15 to 74 who are so a year later,'
                    || ' both employers known'
            else 'employees and directors of 15 to 74 who a year later are so,'
                || ' out of work or self-employed'
        end as denominator_label
    from sums
)

select * from reasons
order by from_year, sector_group, characteristic, value_code, event
