-- One row per reading of working and kind of work that it takes for work.
with code_list as (
    select
        reading,
        work_code
    from raw.working_readings
),

working_readings as (
    select
        reading as working_reading,
        work_code
    from code_list
)

select * from working_readings
order by working_reading nulls first, work_code nulls first
