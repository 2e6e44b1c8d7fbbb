-- One row per reading of the sector (of the register, or as answered) and
-- employee asked first in the base period whose sector is known: whether the
-- function is technical. Scores are what core.survey_intervals makes shares and
-- intervals of: who is in the base has the outcome (1), has it not (0), or it is
-- not known (null), which is counted beside the base and in no share. No
-- attrition stands behind these.
with readings as (
    select reading
    from (values ('register'), ('answer')) as list (reading)
),

employees as (
    select
        readings.reading,
        respondents.*,
        case readings.reading
            when 'register' then respondents.register_sector_code
            else respondents.answered_sector_code
        end as sector_code_read
    from core.respondents as respondents
    cross join readings
    where respondents.work_code = 'employee'
),

sector_scores as (
    select
        'sectors' as estimate,
        reading || ' ' || sector_code_read as cell,
        year,
        person_id,
        household_id,
        cast(null as string) as attrition_cell_code,
        weight as first_weight,
        cast(weight as decimal(20, 6)) as weight,
        cast(is_technical_function as integer) as outcome
    from employees
    where sector_code_read is not null
)

select * from sector_scores
order by cell, year, person_id
