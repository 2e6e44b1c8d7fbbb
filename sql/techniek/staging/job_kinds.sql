-- One row per kind of job in the payroll.
with code_list as (
    select code
    from raw.job_kinds
),

job_kinds as (
    select code as job_kind_code
    from code_list
)

select * from job_kinds
order by job_kind_code nulls first
