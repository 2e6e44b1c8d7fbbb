-- One row per person of the population on the reference day: the education at
-- 1 October at or before that day, never that of a later one, and its weight in
-- the education file. Who has no record then has no weight; level and kind are
-- unknown, which is not "low" and not "not technical".
with technical_education as (
    select education_field_code
    from staging.technical_education
    where
        variant = $technical_education
        and $reference_date between valid_from_date and valid_to_date
),

person_years as (
    select
        year,
        person_id,
        cast(
            year
            - case when date_part('month', $reference_date) < 10 then 1 else 0 end
            as integer
        ) as education_year
    from core.person_years
),

person_education as (
    select
        person_years.year,
        person_years.person_id,
        person_years.education_year,
        education.person_id is not null as has_record,
        coalesce(education.education_level, 'unknown') as education_level,
        case
            when education.education_field_code is null then 'unknown'
            when technical_education.education_field_code is null then 'other'
            else 'technical'
        end as education_kind,
        education.education_weight
    from person_years
    left join core.education as education
        on
            person_years.person_id = education.person_id
            and person_years.education_year = education.year
    left join technical_education
        on
            education.education_field_code
            = technical_education.education_field_code
)

select * from person_education
order by person_id nulls first
