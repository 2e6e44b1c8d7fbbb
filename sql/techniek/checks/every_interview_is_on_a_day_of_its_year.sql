-- warn: every interview is on a day of its file's year.
select
    year,
    person_id
from core.survey_person_waves
where
    interview_date is null
    or date_part('year', interview_date) <> year
