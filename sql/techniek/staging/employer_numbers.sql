-- One row per number of an employer, the one that follows it, and the days from
-- and to which it does. Rows alike are one.
with numbers as (
    select
        beid_oud,
        beid_nieuw,
        datumaanvang,
        datumeinde
    from raw.employer_numbers
),

employer_numbers as (
    select distinct
        beid_oud as donor_id,
        beid_nieuw as receiver_id,
        datumaanvang as follows_date,
        datumeinde as last_valid_date
    from numbers
)

select * from employer_numbers
order by
    donor_id nulls first,
    receiver_id nulls first,
    follows_date nulls first,
    last_valid_date nulls first
