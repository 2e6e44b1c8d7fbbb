-- One row per person with a main job on the reference day: its terms, by the
-- records of the payroll whose period holds the day. What is not delivered, what
-- records contradict, and a start after the day are unknown: a tenure that is
-- not known is never nought. Tenure is in completed years. The wage is that per
-- hour of all records together, in cents; of no hours it is unknown.
with main_jobs as (
    select
        person_id,
        job_id,
        employer_id
    from core.main_jobs
    where is_reference_day
),

terms as (
    select
        person_id,
        job_id,
        case
            when min(contract_code) = max(contract_code) then min(contract_code)
        end as contract_code,
        case
            when min(job_kind_code) = max(job_kind_code) then min(job_kind_code)
        end as job_kind_code,
        case
            when min(hours_class_code) = max(hours_class_code)
                then min(hours_class_code)
        end as hours_class_code,
        case
            when
                min(original_start_date) = max(original_start_date)
                and count(original_start_date) = count(*)
                and max(original_start_date) <= $reference_date
                then min(original_start_date)
        end as original_start_date,
        case
            when
                count(base_wage_eur) = count(*)
                and count(base_hours) = count(*)
                then cast(sum(base_wage_eur) as decimal(16, 2))
        end as wage_eur,
        cast(sum(base_hours) as decimal(16, 2)) as hours
    from staging.job_terms
    group by person_id, job_id
),

main_job_terms as (
    select
        cast($year as integer) as year,
        main_jobs.person_id,
        main_jobs.job_id,
        terms.contract_code,
        terms.job_kind_code,
        terms.hours_class_code,
        cast(
            date_part('year', $reference_date)
            - date_part('year', terms.original_start_date)
            - case
                when
                    date_part('month', terms.original_start_date) * 100
                    + date_part('day', terms.original_start_date)
                    > date_part('month', $reference_date) * 100
                    + date_part('day', $reference_date)
                    then 1
                else 0
            end as integer
        ) as tenure_years,
        case
            when terms.hours > 0
                then cast(
                    cast(terms.wage_eur as decimal(20, 6))
                    / cast(terms.hours as decimal(20, 2)) as decimal(12, 2)
                )
        end as wage_per_hour_eur,
        employers.size_code
    from main_jobs
    left join terms
        on
            main_jobs.person_id = terms.person_id
            and main_jobs.job_id = terms.job_id
    left join staging.employers as employers
        on main_jobs.employer_id = employers.employer_id
)

select * from main_job_terms
order by person_id nulls first
