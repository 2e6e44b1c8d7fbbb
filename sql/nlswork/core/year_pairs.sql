-- One row per woman interviewed in from_year, with what is known a year later.
-- Who is absent then is not observed; nobody can say that she is out of work.
-- Flags are null where either side is unknown, never false.
with this_year as (
    select
        person_id,
        year,
        industry_code,
        occupation_code
    from staging.interviews
    where year = $year
),

next_year as (
    select
        person_id,
        industry_code,
        occupation_code,
        tenure_years
    from staging.interviews
    where year = $year + 1
),

year_pairs as (
    select
        this_year.person_id,
        this_year.year as from_year,
        this_year.industry_code as from_industry_code,
        next_year.industry_code as to_industry_code,
        this_year.occupation_code as from_occupation_code,
        next_year.occupation_code as to_occupation_code,
        next_year.person_id is not null as is_observed_next,
        next_year.tenure_years >= $least_tenure_years as same_employer,
        this_year.industry_code = next_year.industry_code as same_industry,
        this_year.occupation_code = next_year.occupation_code
            as same_occupation
    from this_year
    left join next_year
        on this_year.person_id = next_year.person_id
)

select * from year_pairs
order by person_id
