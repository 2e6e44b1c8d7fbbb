-- One row per pay period of a job: its records together, and as what it counts.
-- A period in which nothing was paid or worked in the end, or all of it was
-- taken back, is not paid; where wage or hours are not known it is taken to be
-- paid. Of the employers of a period's records the one with most of them
-- counts, then the smallest. A code that the lists do not know counts as none.
with records as (
    select
        person_id,
        job_id,
        period_start_date,
        period_end_date,
        employer_id,
        job_start_date,
        base_wage_eur,
        base_hours,
        job_kind_code,
        income_relation_code,
        hours_class_code
    from staging.job_periods
    where period_start_date <= period_end_date
),

employer_sums as (
    select
        person_id,
        job_id,
        period_start_date,
        period_end_date,
        employer_id,
        min(job_start_date) as job_start_date,
        count(*) as record_count,
        count(employer_id) as employer_count,
        count(base_wage_eur) as wage_count,
        count(base_hours) as hour_count,
        sum(base_wage_eur) as wage_eur,
        sum(base_hours) as hours,
        min(job_kind_code) as job_kind_code,
        min(income_relation_code) as income_relation_code,
        min(hours_class_code) as hours_class_code
    from records
    group by
        person_id, job_id, period_start_date, period_end_date, employer_id
),

period_sums as (
    select
        person_id,
        job_id,
        period_start_date,
        period_end_date,
        first_value(employer_id order by employer_count desc, employer_id)
            as employer_id,
        sum(record_count) as record_count,
        min(job_start_date) as job_start_date,
        case
            when sum(wage_count) = sum(record_count)
                then cast(sum(wage_eur) as decimal(16, 2))
        end as wage_eur,
        case
            when sum(hour_count) = sum(record_count)
                then cast(sum(hours) as decimal(16, 2))
        end as hours,
        min(job_kind_code) as job_kind_code,
        min(income_relation_code) as income_relation_code,
        min(hours_class_code) as hours_class_code
    from employer_sums
    group by person_id, job_id, period_start_date, period_end_date
),

classified as (
    select
        period_sums.*,
        coalesce(job_kinds.job_kind_code, 'none') as known_job_kind_code,
        coalesce(income_relations.relation_group, 'none') as relation_group,
        case
            when coalesce(period_sums.wage_eur > 0, true) then 'positive'
            when coalesce(period_sums.hours > 0, true) then 'hours'
            else 'nothing'
        end as pay_code
    from period_sums
    left join staging.job_kinds as job_kinds
        on period_sums.job_kind_code = job_kinds.job_kind_code
    left join staging.income_relations as income_relations
        on
            period_sums.income_relation_code
            = income_relations.income_relation_code
),

pay_periods as (
    select
        classified.person_id,
        classified.job_id,
        classified.period_start_date,
        classified.period_end_date,
        cast(classified.period_end_date as integer)
        - cast(classified.period_start_date as integer) + 1 as day_count,
        classified.employer_id,
        classified.job_start_date,
        classified.wage_eur,
        classified.hours,
        classified.hours_class_code,
        classified.record_count,
        classified.pay_code != 'nothing' as is_paid,
        job_inclusion.counted_as
    from classified
    inner join staging.job_inclusion as job_inclusion
        on
            classified.known_job_kind_code = job_inclusion.job_kind_code
            and classified.relation_group = job_inclusion.relation_group
            and classified.pay_code = job_inclusion.pay_code
    where job_inclusion.variant = $job_inclusion
)

select * from pay_periods
order by
    person_id nulls first,
    job_id nulls first,
    period_start_date nulls first,
    period_end_date nulls first
