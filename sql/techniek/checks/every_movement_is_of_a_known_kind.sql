-- warn: every movement is of a kind on the list.
with movements as (
    select
        movement_code,
        count(*) as movement_count
    from staging.movements
    group by movement_code
),

movement_kinds as (
    select movement_code
    from staging.movement_kinds
)

select
    movements.movement_code,
    movements.movement_count
from movements
left anti join movement_kinds
    on movements.movement_code = movement_kinds.movement_code
