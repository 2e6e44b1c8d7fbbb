-- stop: every transition is on the list of transitions.
with transition_codes as (
    select distinct transition_code
    from core.transitions
    where transition_code is not null and transition_code <> 'unaccounted'
),

transition_kinds as (
    select transition_code
    from staging.transition_kinds
)

select transition_codes.transition_code
from transition_codes
left anti join transition_kinds
    on transition_codes.transition_code = transition_kinds.transition_code
