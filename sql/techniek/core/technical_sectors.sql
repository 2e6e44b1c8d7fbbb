-- One row per sector with employees in the first interviews of the base period.
-- A sector is technical if the weighted share of technical occupations among
-- its employees is above the threshold, strictly, and compared without division.
-- The list is made once and frozen: made anew each year, people would leave
-- technique by staying where they are. Weights are of a year each, so their
-- sums count person-years.
with employees as (
    select
        sector_code,
        weight,
        is_technical_function
    from core.respondents
    where
        work_code = 'employee'
        and is_technical_function is not null
        and sector_code is not null
),

sums as (
    select
        sector_code,
        count(*) as worker_count,
        sum(case when is_technical_function then 1 else 0 end)
            as technical_count,
        sum(weight) as worker_weight,
        sum(case when is_technical_function then weight else 0 end)
            as technical_weight
    from employees
    group by sector_code
),

technical_sectors as (
    select
        sector_code,
        worker_count,
        technical_count,
        cast(worker_weight as decimal(20, 6)) as worker_weight,
        cast(technical_weight as decimal(20, 6)) as technical_weight,
        technical_weight > $technical_share * worker_weight as is_technical
    from sums
)

select * from technical_sectors
order by sector_code nulls first
