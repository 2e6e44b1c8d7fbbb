-- One row per finding and year: statements of the letter, each with its counts.
-- t2 pools the base period, under its last year. t7 is leaving the employer for
-- another or out of work; the dead and the emigrated are no base.
with sectors as (
    select
        sector_group,
        technical_weight,
        worker_weight,
        worker_count
    from out.sectors
),

employer_switches as (
    select
        from_year,
        sector_group,
        switch_count,
        base_count
    from out.employer_switches
    where sector_group in ('technical', 'other')
),

retention as (
    select
        from_year,
        stay_weight,
        base_weight,
        base_count
    from out.retention
),

young_workers as (
    select
        from_year,
        sector_group,
        person_count,
        case when transition_code = 'same_employer' then 0 else person_count end
            as leaver_count
    from out.register_transitions
    where
        age_group = '25-34'
        and sector_group in ('technical', 'other')
        and transition_code not in ('died', 'emigrated')
),

counts as (
    select
        't2_workers_in_technical_sectors' as finding, 'survey' as family,
        cast(right($base_period, 4) as integer) as year,
        sum(
            case when sector_group = 'technical' then worker_weight else 0 end
        ) as numerator,
        sum(worker_weight) as denominator,
        sum(worker_count) as unweighted_count,
        'employees, all sectors, ' || $base_period as denominator_label
    from sectors
    union all
    select
        't2_technical_functions_in_technical_sectors' as finding,
        'survey' as family,
        cast(right($base_period, 4) as integer) as year,
        sum(technical_weight) as numerator,
        sum(worker_weight) as denominator,
        sum(worker_count) as unweighted_count,
        'employees, technical sectors, ' || $base_period as denominator_label
    from sectors
    where sector_group = 'technical'
    union all
    select
        't3_employer_switches_' || sector_group as finding,
        'register' as family,
        from_year as year,
        sum(switch_count) as numerator,
        sum(base_count) as denominator,
        sum(base_count) as unweighted_count,
        'employed at both reference days' as denominator_label
    from employer_switches
    group by from_year, sector_group
    union all
    select
        't5_retention' as finding, 'survey' as family,
        from_year as year,
        sum(stay_weight) as numerator,
        sum(base_weight) as denominator,
        sum(base_count) as unweighted_count,
        'technicians in technical sectors, known a year later'
            as denominator_label
    from retention
    group by from_year
    union all
    select
        't7_youth_mobility_' || sector_group as finding, 'register' as family,
        from_year as year,
        sum(leaver_count) as numerator,
        sum(person_count) as denominator,
        sum(person_count) as unweighted_count,
        'employed at 25-34, still in the population' as denominator_label
    from young_workers
    group by from_year, sector_group
),

findings as (
    select
        finding,
        year,
        cast(
            cast(numerator as decimal(28, 10))
            / nullif(cast(denominator as decimal(20, 6)), 0)
            as decimal(9, 6)
        ) as value,
        cast(numerator as decimal(20, 6)) as numerator,
        cast(denominator as decimal(20, 6)) as denominator,
        denominator_label,
        family,
        cast(unweighted_count as bigint) as unweighted_count
    from counts
)

select * from findings
order by finding, year
