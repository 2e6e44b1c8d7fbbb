-- stop: nobody vanishes between two years, and nobody appears, unaccounted for.
select
    from_year,
    person_id
from core.transitions
where transition_code = 'unaccounted' or arrival_code = 'unaccounted'
