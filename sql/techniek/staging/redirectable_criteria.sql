-- One row per variant and criterion that does not stand in the way of technical
-- work: who could be steered to it is a choice.
with code_list as (
    select
        variant,
        criterion
    from raw.redirectable_criteria
)

select
    variant,
    criterion
from code_list
order by variant nulls first, criterion nulls first
