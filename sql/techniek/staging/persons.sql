-- One row per registered person.
with registered as (
    select
        rinpersoons,
        rinpersoon,
        gbageboortejaar,
        gbageboortemaand
    from raw.persons
),

persons as (
    select
        rinpersoons || rinpersoon as person_id,
        gbageboortejaar as birth_year,
        gbageboortemaand as birth_month
    from registered
    where rinpersoons = 'R'
)

select * from persons
order by person_id nulls first
