-- One row per occupation group of the BRC 2014.
with code_list as (
    select
        code,
        name_nl
    from raw.occupations
),

occupations as (
    select
        code as occupation_code,
        name_nl as occupation_name_nl
    from code_list
)

select * from occupations
order by occupation_code nulls first
