-- One row per event, employer and part in it. Rows alike are one.
with contributions as (
    select
        eventid,
        eventtype,
        eventdatum,
        beid,
        rol
    from raw.employer_events
),

employer_events as (
    select distinct
        eventid as event_id,
        eventtype as event_type_code,
        eventdatum as event_date,
        beid as employer_id,
        case rol when 'D' then 'donor' when 'O' then 'receiver' end as role_code
    from contributions
)

select * from employer_events
order by
    event_id nulls first,
    event_type_code nulls first,
    event_date nulls first,
    employer_id nulls first,
    role_code nulls first
