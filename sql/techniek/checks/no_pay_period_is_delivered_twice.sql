-- warn: no record of a pay period is delivered twice, alike in all that is kept.
with pay_periods as (
    select
        person_id,
        job_id,
        period_start_date,
        period_end_date
    from core.pay_periods
    where record_count > 1
)

select
    records.person_id,
    records.job_id,
    records.period_start_date,
    records.period_end_date
from pay_periods
inner join staging.job_periods as records
    on
        pay_periods.person_id = records.person_id
        and pay_periods.job_id = records.job_id
        and pay_periods.period_start_date = records.period_start_date
        and pay_periods.period_end_date = records.period_end_date
group by
    records.person_id,
    records.job_id,
    records.period_start_date,
    records.period_end_date,
    records.employer_id,
    records.base_wage_eur,
    records.base_hours,
    records.job_start_date,
    records.job_end_date,
    records.job_kind_code,
    records.income_relation_code,
    records.hours_class_code
having count(*) > 1
