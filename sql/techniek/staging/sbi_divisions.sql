-- One row per division of the SBI 2008: a sector of this study.
with code_list as (
    select
        code,
       name_nl,
        name_en
    from raw.sbi_divisions
),

sbi_divisions as (
    select
        code as sector_code,
       name_nl as sector_name_nl,
        name_en as sector_name_en
    from code_list
)

select * from sbi_divisions
order by sector_code nulls first
