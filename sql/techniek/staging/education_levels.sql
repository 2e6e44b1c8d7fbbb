-- One row per level of the SOI, of which low, middle and high are made.
with code_list as (
    select
        code,
        education_level
    from raw.education_levels
),

education_levels as (
    select
        code as education_level_code,
        education_level
    from code_list
)

select * from education_levels
order by education_level_code nulls first
