-- One row per registered person, for those born by the year.
-- By year, so that a child added to the register leaves earlier years alone.
-- Without a year of birth a person is in every year.
with registered as (
    select
        rinpersoons,
        rinpersoon,
        gbageboortejaar,
        gbageboortemaand,
        gbageslacht
    from raw.persons
),

persons as (
    select
        rinpersoons || rinpersoon as person_id,
        gbageboortejaar as birth_year,
        gbageboortemaand as birth_month,
        gbageslacht as sex_code
    from registered
    where
        rinpersoons = 'R'
        and (gbageboortejaar is null or gbageboortejaar <= $year)
)

select * from persons
order by person_id nulls first
