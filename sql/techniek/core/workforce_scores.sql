-- Scores of the workforce: one row per reading of working, share and worker
-- asked first in the year. Of each sector group the share of a function, and of
-- all workers the share of a sector group, as function all. Readings: employees
-- have a job that counts; workers are these and the self-employed.
with workers as (
    select
        respondents.year,
        respondents.person_id,
        respondents.household_id,
        respondents.weight,
        respondents.is_technical_function,
        sector_groups.sector_group,
        readings.working_reading
    from core.respondents as respondents
    left join core.sector_groups as sector_groups
        on respondents.sector_code = sector_groups.sector_code
    inner join staging.working_readings as readings
        on respondents.work_code = readings.work_code
),

shares as (
    select
        workers.*,
        workers.sector_group || ' ' || functions.function_code as share_of,
        workers.is_technical_function = functions.is_technical as has_outcome
    from workers
    cross join (
        values ('technical', true), ('other', false)
    ) as functions (function_code, is_technical)
    where workers.sector_group is not null
    union all
    select
        workers.*,
        sector_groups.sector_group || ' all' as share_of,
        workers.sector_group = sector_groups.sector_group as has_outcome
    from workers
    cross join (
        values ('technical'), ('other')
    ) as sector_groups (sector_group)
),

workforce_scores as (
    select
        'workforce' as estimate,
        working_reading || ' ' || share_of as cell,
        year,
        person_id,
        household_id,
        cast(null as string) as attrition_cell_code,
        weight as first_weight,
        cast(weight as decimal(20, 6)) as weight,
        cast(has_outcome as integer) as outcome
    from shares
)

select * from workforce_scores
order by cell, person_id
