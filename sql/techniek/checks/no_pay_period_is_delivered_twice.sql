-- warn: no pay period of a job is delivered twice, alike in all that is kept.
with repeated_periods as (
    select
        person_id,
        job_id,
        period_start_date,
        period_row_number,
        period_end_date,
        employer_id,
        base_wage_eur,
        base_hours
    from staging.job_periods
    where period_row_number > 1
),

earlier_periods as (
    select
        person_id,
        job_id,
        period_start_date,
        period_row_number,
        period_end_date,
        employer_id,
        base_wage_eur,
        base_hours
    from staging.job_periods
)

select
    repeated_periods.person_id,
    repeated_periods.job_id,
    repeated_periods.period_start_date,
    repeated_periods.period_row_number
from repeated_periods
inner join earlier_periods
    on
        repeated_periods.person_id = earlier_periods.person_id
        and repeated_periods.job_id = earlier_periods.job_id
        and repeated_periods.period_start_date
        = earlier_periods.period_start_date
        and repeated_periods.period_row_number
        = earlier_periods.period_row_number + 1
where
    repeated_periods.period_end_date = earlier_periods.period_end_date
    and (
        repeated_periods.employer_id
        is not distinct from earlier_periods.employer_id
    )
    and (
        repeated_periods.base_wage_eur
        is not distinct from earlier_periods.base_wage_eur
    )
    and (
        repeated_periods.base_hours
        is not distinct from earlier_periods.base_hours
    )
