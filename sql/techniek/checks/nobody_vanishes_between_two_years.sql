-- stop: nobody vanishes between two years without death or emigration.
select
    from_year,
    person_id
from core.transitions
where transition_code = 'unaccounted'
