-- One row per from_year, sector group, characteristic, value, event and age group,
-- those without anybody too: counts, how many all sector groups have of that age
-- together, and the number of the group of ages that it is taken with. An age
-- group with a base under 10, with what was merged into it, is taken with the
-- next older one, and what is left of the oldest with the next younger.
with counts as (
    select
        counts.*,
        ages.place
    from core.reason_counts as counts
    inner join (
        values
        ('15-24', 1), ('25-34', 2), ('35-44', 3),
        ('45-54', 4), ('55-64', 5), ('65-74', 6)
    ) as ages (age_group, place)
        on counts.age_group = ages.age_group
),

bases as (
    select
        sector_group,
        characteristic,
        value_code,
        event,
        sum(case place when 1 then base_count else 0 end) as held_1,
        sum(case place when 2 then base_count else 0 end) as base_2,
        sum(case place when 3 then base_count else 0 end) as base_3,
        sum(case place when 4 then base_count else 0 end) as base_4,
        sum(case place when 5 then base_count else 0 end) as base_5,
        sum(case place when 6 then base_count else 0 end) as base_6
    from counts
    group by sector_group, characteristic, value_code, event
),

second as (
    select *, base_2 + case when held_1 < 10 then held_1 else 0 end as held_2
    from bases
),

third as (
    select *, base_3 + case when held_2 < 10 then held_2 else 0 end as held_3
    from second
),

fourth as (
    select *, base_4 + case when held_3 < 10 then held_3 else 0 end as held_4
    from third
),

fifth as (
    select *, base_5 + case when held_4 < 10 then held_4 else 0 end as held_5
    from fourth
),

numbered as (
    select
        cells.*,
        mixes.age_group,
        mixes.place,
        mixes.mix_count,
        case when place > 1 and held_1 >= 10 then 1 else 0 end
        + case when place > 2 and held_2 >= 10 then 1 else 0 end
        + case when place > 3 and held_3 >= 10 then 1 else 0 end
        + case when place > 4 and held_4 >= 10 then 1 else 0 end
        + case when place > 5 and held_5 >= 10 then 1 else 0 end as age_number,
        base_6 + case when held_5 < 10 then held_5 else 0 end as held_6
    from fifth as cells
    inner join (
        select
            event as mix_event,
            age_group,
            place,
            sum(base_count) as mix_count
        from counts
        where characteristic = 'all'
        group by event, age_group, place
    ) as mixes
        on cells.event = mixes.mix_event
),

with_last as (
    select
        *,
        max(age_number) over (
            partition by sector_group, characteristic, value_code, event
        ) as last_number
    from numbered
)

select
    cast($year as integer) as from_year,
    cells.sector_group,
    cells.characteristic,
    cells.value_code,
    cells.event,
    cells.age_group,
    coalesce(counts.event_count, 0) as event_count,
    coalesce(counts.base_count, 0) as base_count,
    cells.mix_count,
    case
        when cells.held_6 < 10 and cells.age_number = cells.last_number
            then greatest(cells.age_number - 1, 0)
        else cells.age_number
    end as age_number
from with_last as cells
left join counts
    on
        cells.sector_group = counts.sector_group
        and cells.characteristic = counts.characteristic
        and cells.value_code = counts.value_code
        and cells.event = counts.event
        and cells.place = counts.place
order by from_year, sector_group, characteristic, value_code, event, age_group
