-- One row per from_year, sector group, characteristic, value, event and age
-- group: employees and directors at the start, and with how many it came about.
-- The characteristic all has one value, which is everybody.
with by_all as (
    select
        *,
        case characteristics.characteristic
            when 'age_group' then pairs.age_group
            when 'tenure' then pairs.tenure
            when 'contract' then pairs.contract
            when 'hours_class' then pairs.hours_class
            when 'wage_fifth' then pairs.wage_fifth
            when 'firm_size' then pairs.firm_size
            when 'job_kind' then pairs.job_kind
            when 'personnel_supply' then pairs.personnel_supply
            when 'education_match' then pairs.education_match
            else 'all'
        end as value_code
    from core.reason_pairs as pairs
    cross join (
        values
        ('all'),
        ('age_group'),
        ('tenure'),
        ('contract'),
        ('hours_class'),
        ('wage_fifth'),
        ('firm_size'),
        ('job_kind'),
        ('personnel_supply'),
        ('education_match')
    ) as characteristics (characteristic)
),

reason_counts as (
    select
        from_year,
        sector_group,
        characteristic,
        value_code,
        'switch' as event,
        age_group,
        sum(has_switched) as event_count,
        count(has_switched) as base_count
    from by_all
    where has_switched is not null
    group by
        from_year, sector_group, characteristic, value_code, age_group
    union all
    select
        from_year,
        sector_group,
        characteristic,
        value_code,
        'exit' as event,
        age_group,
        sum(has_left) as event_count,
        count(has_left) as base_count
    from by_all
    where has_left is not null
    group by
        from_year, sector_group, characteristic, value_code, age_group
)

select * from reason_counts
order by
    from_year, sector_group, characteristic, value_code, event, age_group
