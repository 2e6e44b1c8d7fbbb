-- One row per respondent: the education at 1 October at or before the first
-- interview, never that of a later day. Who has no record then has a level that
-- is unknown, and no field. The weight of the education file is left behind: it
-- says for whom a record stands there, and a respondent stands for others by
-- the weight of the survey alone.
with respondents as (
    select
        year,
        person_id,
        interview_date,
        cast(
            date_part('year', interview_date)
            - case when date_part('month', interview_date) < 10 then 1 else 0 end
            as integer
        ) as education_year
    from core.respondents
),

respondent_education as (
    select
        respondents.year,
        respondents.person_id,
        respondents.interview_date,
        respondents.education_year,
        coalesce(education.education_level, 'unknown') as education_level,
        education.education_field_code
    from respondents
    left join core.education as education
        on
            respondents.person_id = education.person_id
            and respondents.education_year = education.year
)

select * from respondent_education
order by person_id nulls first, interview_date nulls first
