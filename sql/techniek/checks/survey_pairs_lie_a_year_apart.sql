-- warn: the two interviews of a survey pair lie a year apart, give or take two weeks.
select
    from_year,
    person_id
from core.survey_pairs
where
    cast(to_interview_date as integer) - cast(from_interview_date as integer)
    not between 351 and 380
