-- One row per socio-economic category.
with code_list as (
    select code
    from raw.secm_states
),

secm_states as (
    select code as secm_code
    from code_list
)

select * from secm_states
order by secm_code nulls first
