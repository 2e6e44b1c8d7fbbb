-- One row per spell of a job within the year (see core.job_periods).
-- The employer is of its periods the one with most days, then the smallest.
-- Pay and hours are those per calendar day of the periods that know them. A
-- spell is counted if any of its periods is work as employee or director.
with job_periods as (
    select
        person_id,
        job_id,
        spell_number,
        period_start_date,
        held_until_date,
        day_count,
        employer_id,
        wage_eur,
        hours,
        case when counted_as in ('employee', 'director') then 1 else 0 end
            as is_in
    from core.job_periods
    where is_paid
),

employer_sums as (
    select
        person_id,
        job_id,
        spell_number,
        employer_id,
        min(period_start_date) as start_date,
        max(held_until_date) as end_date,
        sum(day_count) as day_count,
        sum(wage_eur) as wage_eur,
        sum(case when wage_eur is not null then day_count end)
            as wage_day_count,
        sum(hours) as hours,
        sum(case when hours is not null then day_count end) as hour_day_count,
        max(is_in) as is_in
    from job_periods
    group by person_id, job_id, spell_number, employer_id
),

spells as (
    select
        person_id,
        job_id,
        spell_number,
        min(start_date) as start_date,
        max(end_date) as end_date,
        first_value(
            employer_id
            order by employer_id is null, day_count desc, employer_id
        ) as employer_id,
        sum(wage_eur) as wage_eur,
        sum(wage_day_count) as wage_day_count,
        sum(hours) as hours,
        sum(hour_day_count) as hour_day_count,
        max(is_in) as is_in
    from employer_sums
    group by person_id, job_id, spell_number
),

job_spells as (
    select
        cast($year as integer) as year,
        person_id,
        job_id,
        spell_number,
        start_date,
        end_date,
        employer_id,
        is_in = 1 as is_counted,
        cast(
            cast(wage_eur as decimal(24, 10))
            / cast(wage_day_count as decimal(9, 0)) as decimal(24, 8)
        ) as wage_per_day_eur,
        cast(
            cast(hours as decimal(24, 10))
            / cast(hour_day_count as decimal(9, 0)) as decimal(24, 8)
        ) as hours_per_day
    from spells
)

select * from job_spells
order by
    person_id nulls first, job_id nulls first, spell_number nulls first
