-- One row per thing that a register of employers says of two of them: that the
-- donor goes on as the receiver from a day on. source_code is event for the ABR,
-- where each donor of an event goes on as each receiver of it, and link for
-- BDK. The other one is null where an event has none; who plays no known part
-- is both.
with events as (
    select
        event_id,
        event_type_code,
        event_date,
        employer_id,
        coalesce(role_code, 'unknown') as role_code
    from staging.employer_events
),

donors as (
    select
        event_id,
        event_type_code,
        event_date,
        employer_id
    from events
    where role_code = 'donor'
),

receivers as (
    select
        event_id,
        event_type_code,
        event_date,
        employer_id
    from events
    where role_code = 'receiver'
),

statements as (
    select
        'event' as source_code,
        coalesce(donors.event_id, receivers.event_id) as event_id,
        coalesce(donors.event_type_code, receivers.event_type_code)
            as event_type_code,
        coalesce(donors.event_date, receivers.event_date) as statement_date,
        donors.employer_id as donor_id,
        receivers.employer_id as receiver_id
    from donors
    full join receivers
        on
            donors.event_id = receivers.event_id
            and coalesce(donors.event_type_code, '')
            = coalesce(receivers.event_type_code, '')
            and donors.event_date = receivers.event_date
    union all
    select
        'event' as source_code,
        event_id,
        event_type_code,
        event_date as statement_date,
        cast(null as string) as donor_id,
        cast(null as string) as receiver_id
    from events
    where role_code = 'unknown'
    union all
    select
        'link' as source_code,
        cast(null as string) as event_id,
        cast(null as string) as event_type_code,
        follows_date as statement_date,
        donor_id,
        receiver_id
    from staging.employer_numbers
),

employer_statements as (
    select distinct
        statements.source_code,
        statements.event_id,
        statements.event_type_code,
        statements.statement_date,
        statements.donor_id,
        statements.receiver_id,
        statements.source_code = 'link'
        or coalesce(types.is_succession, false) as is_evidence
    from statements
    left join staging.employer_event_types as types
        on statements.event_type_code = types.event_type_code
)

select * from employer_statements
order by
    source_code nulls first,
    event_id nulls first,
    event_type_code nulls first,
    statement_date nulls first,
    donor_id nulls first,
    receiver_id nulls first
