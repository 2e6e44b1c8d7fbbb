-- One row per estimate, cell, period and person asked for it: the scores of all
-- survey tables. A period is a year, of pairs their first, or all years of the
-- estimate pooled, written as its first and last.
with scores as (
    select * from core.sector_scores
    union all
    select * from core.workforce_scores
    union all
    select * from core.match_scores
    union all
    select * from core.redirectable_scores
    union all
    select * from core.switch_scores
    union all
    select * from core.retention_scores
),

years as (
    select
        estimate,
        min(year) as first_year,
        max(year) as last_year
    from scores
    group by estimate
),

survey_scores as (
    select
        estimate,
        cell,
        cast(year as string) as period,
        year,
        person_id,
        household_id,
        attrition_cell_code,
        first_weight,
        weight,
        outcome
    from scores
    union all
    select
        scores.estimate,
        scores.cell,
        years.first_year || '..' || years.last_year as period,
        scores.year,
        scores.person_id,
        scores.household_id,
        scores.attrition_cell_code,
        scores.first_weight,
        scores.weight,
        scores.outcome
    from scores
    inner join years
        on scores.estimate = years.estimate
    where years.first_year < years.last_year
)

select * from survey_scores
order by estimate, cell, period, person_id nulls first, year
