-- stop: every technical occupation is a group of the BRC 2014, and the chosen list has some.
with technical_occupations as (
    select
        variant,
        occupation_code
    from staging.technical_occupations
),

occupations as (
    select occupation_code
    from staging.occupations
),

chosen_list as (
    select count(*) as occupation_count
    from staging.technical_occupations
    where variant = $technical_occupations
)

select
    technical_occupations.variant,
    technical_occupations.occupation_code
from technical_occupations
left anti join occupations
    on technical_occupations.occupation_code = occupations.occupation_code
union all
select
    $technical_occupations as variant,
    cast(null as varchar) as occupation_code
from chosen_list
where occupation_count = 0
