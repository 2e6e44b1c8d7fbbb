-- One row per from_year, source, donor, receiver and day of which the source says
-- that the donor goes on as the receiver. It is a cycle if the source also says
-- that the receiver goes on as the donor, within the same pair in at most four
-- steps and in whatever order of days: then nothing follows from it.
with steps as (
    select distinct
        source_code,
        donor_id,
        receiver_id
    from core.employer_successions
    where fault_code is null
),

ways as (
    select
        source_code,
        donor_id,
        receiver_id
    from steps
    union all
    select
        one.source_code,
        one.donor_id,
        another.receiver_id
    from steps as one
    inner join steps as another
        on
            one.source_code = another.source_code
            and one.receiver_id = another.donor_id
),

ways_back as (
    select
        source_code,
        donor_id,
        receiver_id
    from ways
    union
    select
        one.source_code,
        one.donor_id,
        another.receiver_id
    from ways as one
    inner join ways as another
        on
            one.source_code = another.source_code
            and one.receiver_id = another.donor_id
),

employer_steps as (
    select distinct
        cast($year as integer) as from_year,
        successions.source_code,
        successions.donor_id,
        successions.receiver_id,
        successions.statement_date,
        ways_back.donor_id is not null as is_cycle
    from core.employer_successions as successions
    left join ways_back
        on
            successions.source_code = ways_back.source_code
            and successions.donor_id = ways_back.receiver_id
            and successions.receiver_id = ways_back.donor_id
    where successions.fault_code is null
)

select * from employer_steps
order by
    source_code nulls first,
    donor_id nulls first,
    receiver_id nulls first,
    statement_date nulls first
