-- One row per variant of the list and technical field of education in it. What
-- counts as technical is a choice: the list names its source, and each study
-- its variant.
with code_list as (
    select
        variant,
        code,
        valid_from,
        valid_to
    from raw.technical_education
),

technical_education as (
    select
        variant,
        code as education_field_code,
        cast(valid_from as date) as valid_from_date,
        cast(
            coalesce(nullif(valid_to, ''), '9999-12-31') as date
        ) as valid_to_date
    from code_list
)

select * from technical_education
order by variant nulls first, education_field_code nulls first
