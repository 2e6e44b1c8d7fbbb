-- One row per from_year, source, donor and receiver of which the registers say
-- that the donor follows the receiver in its turn, within the same pair and at
-- most four steps later, in whatever order of days: nothing follows from it.
with steps as (
    select distinct
        source_code,
        donor_id,
        receiver_id
    from core.employer_successions
    where fault_code is null
),

two_steps as (
    select distinct
        one.source_code,
        one.donor_id,
        another.receiver_id
    from steps as one
    inner join steps as another
        on
            one.source_code = another.source_code
            and one.receiver_id = another.donor_id
),

ways as (
    select
        source_code,
        donor_id,
        receiver_id
    from steps
    union
    select
        source_code,
        donor_id,
        receiver_id
    from two_steps
    union
    select
        two_steps.source_code,
        two_steps.donor_id,
        steps.receiver_id
    from two_steps
    inner join steps
        on
            two_steps.source_code = steps.source_code
            and two_steps.receiver_id = steps.donor_id
    union
    select
        one.source_code,
        one.donor_id,
        another.receiver_id
    from two_steps as one
    inner join two_steps as another
        on
            one.source_code = another.source_code
            and one.receiver_id = another.donor_id
),

employer_cycles as (
    select
        cast($year as integer) as from_year,
        steps.source_code,
        steps.donor_id,
        steps.receiver_id
    from steps
    inner join ways
        on
            steps.source_code = ways.source_code
            and steps.donor_id = ways.receiver_id
            and steps.receiver_id = ways.donor_id
)

select * from employer_cycles
order by
    source_code nulls first, donor_id nulls first, receiver_id nulls first
