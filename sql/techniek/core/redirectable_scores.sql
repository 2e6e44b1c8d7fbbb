-- Scores of who could be steered to technical work: of the technically educated
-- without a technical function those who meet the criteria, and of these those
-- in work. Whose education or function is not known is in neither share.
with redirectable_scores as (
    select
        'redirectable' as estimate,
        shares.cell,
        people.year,
        people.person_id,
        people.household_id,
        cast(null as string) as attrition_cell_code,
        people.weight as first_weight,
        cast(people.weight as decimal(20, 6)) as weight,
        cast(
            case shares.cell
                when 'redirectable' then people.is_redirectable
                else people.is_in_work
            end as integer
        ) as outcome
    from core.redirectable as people
    cross join (values ('redirectable'), ('in_work')) as shares (cell)
    where shares.cell = 'redirectable' or people.is_redirectable
)

select * from redirectable_scores
order by cell, person_id
