-- One row per person and emigration on or before the reference day of the
-- year. A state, as with deaths: a later one changes no earlier slice.
with emigrations_so_far as (
    select
        rinpersoons,
        rinpersoon,
        gbadatumemigratie
    from raw.emigrations
),

emigrations as (
    select
        rinpersoons || rinpersoon as person_id,
        gbadatumemigratie as emigration_date
    from emigrations_so_far
    where
        rinpersoons = 'R'
        and gbadatumemigratie
        <= cast(cast($year as varchar) || '-' || $reference_day as date)
)

select * from emigrations
order by person_id nulls first, emigration_date nulls first
