-- One row per variant, kind of job, group of income relations and pay: as what
-- such a job counts, or why it is left out.
with code_list as (
    select
        variant,
        job_kind_code,
        relation_group,
        pay_code,
        counted_as
    from raw.job_inclusion
),

job_inclusion as (
    select
        variant,
        job_kind_code,
        relation_group,
        pay_code,
        counted_as
    from code_list
)

select * from job_inclusion
order by
    variant nulls first,
    job_kind_code nulls first,
    relation_group nulls first,
    pay_code nulls first
