-- warn: nobody has a lower level of education than the year before.
with levels as (
    select
        year,
        person_id,
        case education_level when 'low' then 1 when 'middle' then 2 else 3 end
            as place
    from core.education
    where education_level != 'unknown'
)

select
    later.year,
    later.person_id
from levels as earlier
inner join levels as later
    on
        earlier.person_id = later.person_id
        and earlier.year = later.year - 1
where later.place < earlier.place
