-- warn: nobody has two records of education in a year.
-- The one of the highest known level counts.
select
    year,
    person_id
from core.education
where record_count > 1
