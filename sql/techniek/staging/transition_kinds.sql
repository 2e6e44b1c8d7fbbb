-- One row per transition code: what it is for mobility. stays, other_employer
-- and leaves are the base; unknown, gone and none are in no base.
with code_list as (
    select
        code,
        mobility_code
    from raw.transition_kinds
),

transition_kinds as (
    select
        code as transition_code,
        mobility_code
    from code_list
)

select * from transition_kinds
order by transition_code nulls first
