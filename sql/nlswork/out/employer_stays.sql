-- One row per from_year: pairs whose employer a year later is known, and those
-- where it is the same.
with year_pairs as (
    select
        from_year,
        same_employer
    from core.year_pairs
),

employer_stays as (
    select
        from_year,
        count(*) filter (where same_employer) as same_employer_count,
        count(same_employer) as known_count
    from year_pairs
    group by from_year
)

select * from employer_stays
order by from_year
