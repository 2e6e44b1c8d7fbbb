-- stop: every link of employers is of a move of its own pair of years, and none
-- is of an employer with itself.
select
    links.from_year,
    links.donor_id,
    links.receiver_id
from core.employer_links as links
left join core.employer_moves as moves
    on
        links.from_year = moves.from_year
        and links.donor_id = moves.donor_id
        and links.receiver_id = moves.receiver_id
where
    moves.donor_id is null
    or links.donor_id = links.receiver_id
