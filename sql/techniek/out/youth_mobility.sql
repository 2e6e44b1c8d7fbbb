-- One row per rule of employers (see out.register_transitions), from_year,
-- sector group and reading: of the employees and directors of 25 to 34 who are
-- still in the population a year later, those who left. Who has an employer that is not known at either end is in neither
-- count.
with mobility_by_age as (
    select
        employer_rule,
        from_year,
        sector_group,
        reading,
        leaver_count,
        base_count
    from out.mobility_by_age
    where age_group = '25-34'
),

youth_mobility as (
    select
        employer_rule,
        from_year,
        sector_group,
        reading,
        sum(leaver_count) as leaver_count,
        sum(base_count) as base_count,
        sum(base_count) as unweighted_count,
        'employees and directors of 25 to 34 still in the population a year'
        || ' later, employers known' as denominator_label
    from mobility_by_age
    group by employer_rule, from_year, sector_group, reading
)

select * from youth_mobility
order by employer_rule, from_year, sector_group, reading
