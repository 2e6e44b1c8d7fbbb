-- One row per person who died on or before the reference day of the year.
-- A state, not a year's events: a later death changes no earlier slice.
with deaths_so_far as (
    select
        rinpersoons,
        rinpersoon,
        gbadatumoverlijden
    from raw.deaths
),

deaths as (
    select
        rinpersoons || rinpersoon as person_id,
        gbadatumoverlijden as death_date
    from deaths_so_far
    where
        rinpersoons = 'R'
        and gbadatumoverlijden
        <= cast(cast($year as varchar) || '-' || $reference_day as date)
)

select * from deaths
order by person_id nulls first
