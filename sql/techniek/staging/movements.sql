-- One row per movement of a person into or out of the population. Rows alike
-- in all that is kept are one movement.
with validity as (
    select
        rinpersoons,
        rinpersoon,
        gbadatumaanvangmigratie,
        gbadatumeindemigratie,
        gbasoortmigratie
    from raw.movements
),

movements as (
    select distinct
        rinpersoons || rinpersoon as person_id,
        gbadatumaanvangmigratie as movement_date,
        gbadatumeindemigratie as last_valid_date,
        gbasoortmigratie as movement_code
    from validity
    where rinpersoons = 'R'
)

select * from movements
order by
    person_id nulls first,
    movement_date nulls first,
    last_valid_date nulls first,
    movement_code nulls first
