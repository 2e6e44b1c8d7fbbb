-- warn: activity spells of a person do not overlap.
with spells as (
    select
        person_id,
        start_date,
        lag(end_date) over (
            partition by person_id
            order by start_date, secm_code
        ) as previous_end_date
    from staging.activity_spells
)

select
    person_id,
    start_date
from spells
where previous_end_date >= start_date
