-- One row per rule of employers (see out.register_transitions), from_year,
-- sector, age group and reading: of the employees and directors who are still
-- in the population a year later and whose employers are known, those who left.
-- Sector and age are those of the start.
with register_transitions as (
    select
        employer_rule,
        from_year,
        sector_code,
        sector_group,
        age_group,
        transition_code,
        person_count
    from out.register_transitions
),

readings as (
    select
        transition_kinds.transition_code,
        mobility_readings.reading,
        mobility_readings.leaver_count
    from staging.transition_kinds as transition_kinds
    inner join staging.mobility_readings as mobility_readings
        on transition_kinds.mobility_code = mobility_readings.mobility_code
),

leavers as (
    select
        register_transitions.employer_rule,
        register_transitions.from_year,
        register_transitions.sector_code,
        register_transitions.sector_group,
        register_transitions.age_group,
        readings.reading,
        register_transitions.person_count,
        register_transitions.person_count * readings.leaver_count
            as leaver_count
    from register_transitions
    inner join readings
        on register_transitions.transition_code = readings.transition_code
),

mobility_by_age as (
    select
        employer_rule,
        from_year,
        sector_code,
        sector_group,
        age_group,
        reading,
        sum(leaver_count) as leaver_count,
        sum(person_count) as base_count,
        sum(person_count) as unweighted_count,
        'employees and directors still in the population a year later,'
        || ' employers known' as denominator_label
    from leavers
    group by
        employer_rule, from_year, sector_code, sector_group, age_group, reading
)

select * from mobility_by_age
order by
    employer_rule, from_year, sector_code, sector_group, age_group, reading
