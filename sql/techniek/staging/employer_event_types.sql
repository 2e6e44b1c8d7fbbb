-- One row per type of event: whether its donors go on as its receivers.
with code_list as (
    select
        code,
        is_succession
    from raw.employer_event_types
),

employer_event_types as (
    select
        code as event_type_code,
        is_succession = 'yes' as is_succession
    from code_list
)

select * from employer_event_types
order by event_type_code nulls first
