-- stop: from one employer to another no more move than either has, and nobody
-- moves from an employer to itself.
select
    from_year,
    donor_id,
    receiver_id
from core.employer_moves
where
    person_count > donor_count
    or person_count > receiver_count
    or donor_id = receiver_id
