-- warn: every first interview has a weight above zero.
select
    year,
    person_id
from core.survey_person_waves
where
    wave_number = 1
    and (first_wave_weight is null or first_wave_weight <= 0)
