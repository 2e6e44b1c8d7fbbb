-- One row per person, day and job of which a record covers the day, or whose
-- spell goes over it: the reference day for everybody, and the days on which the
-- survey asks for who was interviewed, because a function is told for such a day.
-- Pay and hours are those per calendar day of the paid periods that cover the
-- day; days differ between periods (four-weekly payers), so totals would favour
-- long ones. On a day without pay between two of them it is those of the
-- period before, and where they are not known those of the whole spell.
with job_periods as (
    select
        person_id,
        job_id,
        period_start_date,
        period_end_date,
        held_until_date,
        spell_number,
        job_start_date,
        hours_class_code,
        is_paid,
        counted_as,
        cast(wage_eur as decimal(24, 10))
        / cast(day_count as decimal(9, 0)) as wage_per_day_eur,
        cast(hours as decimal(24, 10))
        / cast(day_count as decimal(9, 0)) as hours_per_day
    from core.job_periods
),

survey_days as (
    select
        person_id,
        survey_date
    from core.survey_days
    where
        survey_date != $reference_date
        and date_part('year', survey_date) = $year
),

periods_of_days as (
    select
        cast($reference_date as date) as job_date,
        job_periods.*
    from job_periods
    where $reference_date between period_start_date and held_until_date
    union all
    select
        survey_days.survey_date as job_date,
        job_periods.*
    from survey_days
    inner join job_periods
        on
            survey_days.person_id = job_periods.person_id
            and survey_days.survey_date >= job_periods.period_start_date
            and survey_days.survey_date <= job_periods.held_until_date
),

ranked as (
    select
        *,
        rank() over (
            partition by person_id, job_date, job_id
            order by
                is_paid desc,
                period_end_date >= job_date desc,
                spell_number desc
        ) as place
    from periods_of_days
),

-- Eight decimals: periods of one job that add up to the same are a tie again.
days as (
    select
        person_id,
        job_date,
        job_id,
        max(spell_number) as spell_number,
        min(job_start_date) as job_start_date,
        min(hours_class_code) as hours_class_code,
        min(counted_as) as counted_as,
        max(period_end_date) < job_date as is_bridged,
        case
            when count(wage_per_day_eur) = count(*)
                then cast(sum(wage_per_day_eur) as decimal(24, 8))
        end as wage_per_day_eur,
        case
            when count(hours_per_day) = count(*)
                then cast(sum(hours_per_day) as decimal(24, 8))
        end as hours_per_day
    from ranked
    where place = 1
    group by person_id, job_date, job_id
),

open_jobs as (
    select
        cast($year as integer) as year,
        days.person_id,
        days.job_date,
        days.job_id,
        days.job_date = $reference_date as is_reference_day,
        days.is_bridged,
        days.counted_as,
        job_spells.employer_id,
        days.job_start_date,
        days.hours_class_code,
        coalesce(days.wage_per_day_eur, job_spells.wage_per_day_eur)
            as wage_per_day_eur,
        coalesce(days.hours_per_day, job_spells.hours_per_day)
            as hours_per_day
    from days
    left join core.job_spells as job_spells
        on
            days.person_id = job_spells.person_id
            and days.job_id = job_spells.job_id
            and days.spell_number = job_spells.spell_number
)

select * from open_jobs
order by person_id nulls first, job_date nulls first, job_id nulls first
