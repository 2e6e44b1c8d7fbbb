-- warn: every activity is a known socio-economic category.
with activities as (
    select distinct secm_code
    from staging.activity_spells
),

secm_states as (
    select secm_code
    from staging.secm_states
)

select activities.secm_code
from activities
left anti join secm_states
    on activities.secm_code = secm_states.secm_code
