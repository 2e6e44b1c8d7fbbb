-- One row per socio-economic category.
with code_list as (
    select
        code,
        name_nl,
        name_en,
        state_group
    from raw.secm_states
),

secm_states as (
    select
        code as secm_code,
        name_nl as secm_name_nl,
        name_en as secm_name_en,
        state_group
    from code_list
)

select * from secm_states
order by secm_code nulls first
