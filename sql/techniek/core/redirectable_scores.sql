-- Scores of who could be steered to technical work: of the technically educated
-- without a technical function those who meet the criteria, and of these those
-- in work. Whose education or function is not known is in neither share.
with redirectable_scores as (
    select
        'redirectable' as estimate,
        'redirectable' as cell,
        year,
        person_id,
        household_id,
        cast(null as string) as attrition_cell_code,
        weight as first_weight,
        cast(weight as decimal(20, 6)) as weight,
        cast(is_redirectable as integer) as outcome
    from core.redirectable
    union all
    select
        'redirectable' as estimate,
        'in_work' as cell,
        year,
        person_id,
        household_id,
        cast(null as string) as attrition_cell_code,
        weight as first_weight,
        cast(weight as decimal(20, 6)) as weight,
        cast(is_in_work as integer) as outcome
    from core.redirectable
    where is_redirectable
)

select * from redirectable_scores
order by cell, person_id
