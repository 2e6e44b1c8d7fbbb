-- warn: every kind of job and income relation is on its list.
with job_codes as (
    select distinct
        job_kind_code,
        income_relation_code
    from staging.job_periods
),

job_kinds as (
    select job_kind_code
    from staging.job_kinds
),

income_relations as (
    select income_relation_code
    from staging.income_relations
)

select
    job_codes.job_kind_code,
    job_codes.income_relation_code
from job_codes
left join job_kinds
    on job_codes.job_kind_code = job_kinds.job_kind_code
left join income_relations
    on job_codes.income_relation_code = income_relations.income_relation_code
where
    job_kinds.job_kind_code is null
    or income_relations.income_relation_code is null
