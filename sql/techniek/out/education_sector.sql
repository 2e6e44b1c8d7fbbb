-- One row per year, level of education, kind of education, sector group and
-- state: persons of the population on the reference day, with the weight of the
-- education file, which for registers is one and for its sample more. Who has no
-- record there has no weight, and is counted: unknown_count of person_count. The
-- sector is "none" for who does not work for an employer.
with education_sector as (
    select
        person_years.year,
        education.education_level,
        education.education_kind,
        case
            when person_years.work_code != 'employed' then 'none'
            else coalesce(sector_groups.sector_group, 'unknown')
        end as sector_group,
        person_years.state_code,
        cast(coalesce(sum(education.education_weight), 0) as decimal(24, 6))
            as person_weight,
        count(*) as person_count,
        sum(case when education.has_record then 0 else 1 end) as unknown_count,
        count(*) as unweighted_count,
        'persons of the population on the reference day' as denominator_label
    from core.person_years as person_years
    inner join core.person_education as education
        on person_years.person_id = education.person_id
    left join core.sector_groups as sector_groups
        on person_years.sector_code = sector_groups.sector_code
    group by 1, 2, 3, 4, 5
)

select * from education_sector
order by year, education_level, education_kind, sector_group, state_code
