-- warn: every record of education has a weight above zero.
select
    year,
    person_id
from staging.education
where coalesce(education_weight <= 0, true)
