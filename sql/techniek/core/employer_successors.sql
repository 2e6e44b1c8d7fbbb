-- One row per first and last pair of years, donor and receiver: who is reached
-- from the donor over links of the two pairs, in this order, at most one of
-- each. Interviews a year apart lie within one pair of years or in two that
-- follow each other; a pair that is not in the study has no links.
with links as (
    select
        from_year,
        donor_id,
        receiver_id
    from core.employer_links
),

employer_successors as (
    select
        from_year as first_pair_year,
        from_year as last_pair_year,
        donor_id,
        receiver_id
    from links
    union
    select
        from_year as first_pair_year,
        from_year + 1 as last_pair_year,
        donor_id,
        receiver_id
    from links
    union
    select
        from_year - 1 as first_pair_year,
        from_year as last_pair_year,
        donor_id,
        receiver_id
    from links
    union
    select
        links.from_year as first_pair_year,
        next_links.from_year as last_pair_year,
        links.donor_id,
        next_links.receiver_id
    from links
    inner join links as next_links
        on
            links.receiver_id = next_links.donor_id
            and links.from_year + 1 = next_links.from_year
    where links.donor_id != next_links.receiver_id
)

select
    cast(first_pair_year as integer) as first_pair_year,
    cast(last_pair_year as integer) as last_pair_year,
    donor_id,
    receiver_id
from employer_successors
order by
    first_pair_year,
    last_pair_year,
    donor_id nulls first,
    receiver_id nulls first
