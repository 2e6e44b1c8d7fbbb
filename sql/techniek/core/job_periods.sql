-- One row per pay period of a job, with the spell that it is in.
-- Paid periods of a job are one spell while no more than gap_days lie between
-- them without pay and the employer does not change; a period whose employer
-- is not known changes nothing. A paid period holds until the next one of its
-- spell begins. What is not paid is in no spell.
with pay_periods as (
    select
        person_id,
        job_id,
        period_start_date,
        period_end_date,
        day_count,
        employer_id,
        job_start_date,
        wage_eur,
        hours,
        hours_class_code,
        is_paid,
        counted_as
    from core.pay_periods
),

with_earlier as (
    select
        *,
        max(case when is_paid then period_end_date end) over earlier
            as covered_until_date,
        last_value(case when is_paid then employer_id end)
            ignore nulls over earlier
            as earlier_employer_id
    from pay_periods
    window earlier as (
        partition by person_id, job_id
        order by period_start_date nulls first, period_end_date nulls first
        rows between unbounded preceding and 1 preceding
    )
),

with_starts as (
    select
        *,
        case
            when not is_paid then null
            when
                covered_until_date is null
                or cast(period_start_date as integer)
                - cast(covered_until_date as integer) - 1 > $gap_days
                or employer_id != earlier_employer_id
                then 1
            else 0
        end as is_start,
        case when is_paid then period_start_date end as paid_start_date
    from with_earlier
),

numbered as (
    select
        *,
        sum(is_start) over so_far as spell_number,
        lead(paid_start_date) ignore nulls over so_far as next_start_date,
        lead(is_start) ignore nulls over so_far as is_next_start
    from with_starts
    window so_far as (
        partition by person_id, job_id
        order by period_start_date nulls first, period_end_date nulls first
        rows between unbounded preceding and current row
    )
),

job_periods as (
    select
        person_id,
        job_id,
        period_start_date,
        period_end_date,
        case
            when is_paid and is_next_start = 0
                then greatest(
                    period_end_date,
                    cast(cast(next_start_date as integer) - 1 as date)
                )
            else period_end_date
        end as held_until_date,
        case when is_paid then spell_number end as spell_number,
        day_count,
        employer_id,
        job_start_date,
        wage_eur,
        hours,
        hours_class_code,
        is_paid,
        counted_as
    from numbered
)

select * from job_periods
order by
    person_id nulls first,
    job_id nulls first,
    period_start_date nulls first,
    period_end_date nulls first
