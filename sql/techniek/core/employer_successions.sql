-- One row per from_year and statement of a day after the first reference day
-- and not after the second (see core.employer_statements), with what is wrong
-- with it: it is no evidence, names nobody, or names one employer twice. An
-- employer is somebody who is on a list of employers of either year, or for
-- whom someone works at both ends of the pair.
with statements as (
    select
        source_code,
        event_id,
        event_type_code,
        statement_date,
        donor_id,
        receiver_id,
        is_evidence
    from core.employer_statements
    where
        statement_date > $reference_date
        and statement_date <= $reference_date + interval '1' year
),

employers as (
    select employer_id
    from staging.employers
    where year in ($year, $year + 1)
    union
    select from_employer_id as employer_id
    from core.pairs
    union
    select to_employer_id as employer_id
    from core.pairs
),

employer_successions as (
    select
        cast($year as integer) as from_year,
        statements.source_code,
        statements.event_id,
        statements.event_type_code,
        statements.statement_date,
        statements.donor_id,
        statements.receiver_id,
        case
            when not statements.is_evidence then 'no_evidence'
            when donors.employer_id is null or receivers.employer_id is null
                then 'names_nobody'
            when statements.donor_id = statements.receiver_id
                then 'names_itself'
        end as fault_code
    from statements
    left join employers as donors
        on statements.donor_id = donors.employer_id
    left join employers as receivers
        on statements.receiver_id = receivers.employer_id
)

select * from employer_successions
order by
    source_code nulls first,
    event_id nulls first,
    event_type_code nulls first,
    statement_date nulls first,
    donor_id nulls first,
    receiver_id nulls first
