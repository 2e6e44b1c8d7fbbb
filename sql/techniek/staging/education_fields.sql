-- One row per field of the ISCED-F 2013, detailed.
with code_list as (
    select code
    from raw.education_fields
),

education_fields as (
    select code as education_field_code
    from code_list
)

select * from education_fields
order by education_field_code nulls first
