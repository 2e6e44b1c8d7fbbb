-- One row per woman interviewed in the year.
with raw_interviews as (
    select
        idcode,
        year,
        age,
        ind_code,
        occ_code,
        tenure
    from raw.interviews
),

of_the_year as (
    select
        idcode as person_id,
        $year as year,
        age as age_years,
        ind_code as industry_code,
        occ_code as occupation_code,
        tenure as tenure_years
    from raw_interviews
    -- The survey writes years with two digits.
    where year = $year - 1900
)

select * from of_the_year
order by person_id
