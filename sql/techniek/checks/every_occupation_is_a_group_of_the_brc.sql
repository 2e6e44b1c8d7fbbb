-- warn: every occupation is a group of the BRC 2014.
with occupations_told as (
    select distinct occupation_code
    from staging.survey_waves
    where occupation_code is not null
),

occupations as (
    select occupation_code
    from staging.occupations
)

select occupations_told.occupation_code
from occupations_told
left anti join occupations
    on occupations_told.occupation_code = occupations.occupation_code
