-- warn: in every year of the survey someone is asked first, and counts.
-- Without respondents a year has no rows in the tables of the survey.
with years as (
    select distinct year
    from staging.survey_waves
),

respondents as (
    select distinct year
    from core.respondents
)

select years.year
from years
left anti join respondents
    on years.year = respondents.year
