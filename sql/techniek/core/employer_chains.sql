-- One row per from_year, source, donor and receiver of which the registers say
-- that the one goes on as the other: by one event, or by at most four numbers
-- that follow each other within the pair, in order of days and never back to
-- the donor. Of several ways to a receiver the one that gets there first counts.
with steps as (
    select
        source_code,
        donor_id,
        receiver_id,
        statement_date
    from core.employer_steps
    where not is_cycle
),

links as (
    select
        donor_id,
        receiver_id,
        statement_date
    from steps
    where source_code = 'link'
),

two_steps as (
    select
        links.donor_id,
        next_links.receiver_id,
        min(next_links.statement_date) as statement_date
    from links
    inner join links as next_links
        on
            links.receiver_id = next_links.donor_id
            and links.statement_date <= next_links.statement_date
            and links.donor_id != next_links.receiver_id
    group by links.donor_id, next_links.receiver_id
),

three_steps as (
    select
        two_steps.donor_id,
        links.receiver_id,
        min(links.statement_date) as statement_date
    from two_steps
    inner join links
        on
            two_steps.receiver_id = links.donor_id
            and two_steps.statement_date <= links.statement_date
            and two_steps.donor_id != links.receiver_id
    group by two_steps.donor_id, links.receiver_id
),

four_steps as (
    select
        three_steps.donor_id,
        links.receiver_id
    from three_steps
    inner join links
        on
            three_steps.receiver_id = links.donor_id
            and three_steps.statement_date <= links.statement_date
            and three_steps.donor_id != links.receiver_id
),

chains as (
    select
        source_code,
        donor_id,
        receiver_id
    from steps
    union
    select
        'link' as source_code,
        donor_id,
        receiver_id
    from two_steps
    union
    select
        'link' as source_code,
        donor_id,
        receiver_id
    from three_steps
    union
    select
        'link' as source_code,
        donor_id,
        receiver_id
    from four_steps
),

employer_chains as (
    select
        cast($year as integer) as from_year,
        source_code,
        donor_id,
        receiver_id
    from chains
)

select * from employer_chains
order by
    source_code nulls first, donor_id nulls first, receiver_id nulls first
