-- One row per kind of income relation in the payroll.
with code_list as (
    select
        code,
        relation_group
    from raw.income_relations
),

income_relations as (
    select
        code as income_relation_code,
        relation_group
    from code_list
)

select * from income_relations
order by income_relation_code nulls first
