-- One row per person who died.
with died as (
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
    from died
    where rinpersoons = 'R'
)

select * from deaths
order by person_id nulls first
