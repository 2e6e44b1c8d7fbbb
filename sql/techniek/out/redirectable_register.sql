-- One row per year, level of education, age group, state and years since the last
-- main job in a technical sector: technically educated persons of the population
-- on the reference day. A function is seen for a year of somebody's life alone, so
-- how long ago the last technical function was cannot be known; a sector is seen on
-- each reference day of the study. 0 is a technical sector now.
-- Who was in none on the k days seen so far has "k_or_more", which holds those
-- who never were.
with educated as (
    select
        education.person_id,
        education.education_level,
        education.education_weight,
        person_years.age_group,
        person_years.state_code
    from core.person_education as education
    inner join core.person_years as person_years
        on
            education.person_id = person_years.person_id
            and person_years.year = $year
    where education.education_kind = 'technical'
),

last_years as (
    select
        person_years.person_id,
        max(person_years.year) as last_year
    from core.person_years as person_years
    inner join core.sector_groups as sector_groups
        on person_years.sector_code = sector_groups.sector_code
    where
        sector_groups.sector_group = 'technical'
        and person_years.year <= $year
    group by person_years.person_id
),

seen as (
    select count(distinct year) as day_count
    from core.person_years
    where year <= $year
),

redirectable_register as (
    select
        cast($year as integer) as year,
        educated.education_level,
        educated.age_group,
        educated.state_code,
        coalesce(
            cast($year - last_years.last_year as string),
            seen.day_count || '_or_more'
        ) as years_since_technical_sector,
        cast(coalesce(sum(educated.education_weight), 0) as decimal(24, 6))
            as person_weight,
        count(*) as person_count,
        count(*) as unweighted_count,
        'technically educated persons of the population on the reference day'
            as denominator_label
    from educated
    left join last_years
        on educated.person_id = last_years.person_id
    cross join seen
    group by 1, 2, 3, 4, 5
)

select * from redirectable_register
order by
    year, education_level, age_group, state_code, years_since_technical_sector
