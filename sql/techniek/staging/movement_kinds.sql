-- One row per kind of movement into or out of the population.
with code_list as (
    select
        code,
        direction,
        is_administrative
    from raw.movement_kinds
),

movement_kinds as (
    select
        code as movement_code,
        direction = 'in' as is_entry,
        is_administrative = 'yes' as is_administrative
    from code_list
)

select * from movement_kinds
order by movement_code nulls first
