-- One row per year and person with a record of education at 1 October: level and
-- field. A code that the lists do not know is unknown, which is not "low" and not
-- "not technical". Of several records the first that says a known level counts;
-- a check tells of them.
with records as (
    select
        records.person_id,
        records.record_number,
        records.education_weight,
        levels.education_level,
        fields.education_field_code
    from staging.education as records
    left join staging.education_levels as levels
        on records.education_level_code = levels.education_level_code
    left join staging.education_fields as fields
        on records.education_field_code = fields.education_field_code
),

numbered as (
    select
        *,
        row_number() over (
            partition by person_id
            order by education_level is null, record_number
        ) as place,
        count(*) over (partition by person_id) as record_count
    from records
),

education as (
    select
        cast($year as integer) as year,
        person_id,
        coalesce(education_level, 'unknown') as education_level,
        education_field_code,
        education_weight,
        record_count
    from numbered
    where place = 1
)

select * from education
order by person_id nulls first
