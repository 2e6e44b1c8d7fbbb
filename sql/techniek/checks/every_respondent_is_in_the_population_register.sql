-- warn: every respondent with an R key is in the population register.
select
    year,
    person_id,
    wave_number
from core.survey_person_waves
where not is_registered
