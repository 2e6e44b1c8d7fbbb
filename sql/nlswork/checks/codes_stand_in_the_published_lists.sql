-- warn: Industry codes are 1 to 12 and occupation codes 1 to 13.
with interviews as (
    select
        year,
        industry_code,
        occupation_code
    from staging.interviews
),

outside as (
    select
        year,
        count(*) as interview_count
    from interviews
    where
        cast(industry_code as bigint) not between 1 and 12
        or cast(occupation_code as bigint) not between 1 and 13
    group by year
)

select * from outside
