-- warn: every record of education is of someone of ten or older who is in the population.
-- Not yet born, dead, away, or not in the register at all.
select
    education.year,
    education.person_id
from core.education as education
left join core.residence as residence
    on
        education.year = residence.year
        and education.person_id = residence.person_id
where
    residence.person_id is null
    or residence.residence_code != 'resident'
    or residence.age < 10
