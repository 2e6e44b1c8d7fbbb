-- One row per respondent asked first in from_year and in scope a year later: the
-- cell of attrition and the weight that pairs of interviews have, which is the
-- weight times the factor of the cell, for who answered the fifth, and null for
-- who did not. Within a cell they add up to the weight of all in scope, but for
-- the rounding of each to six decimals.
with pair_weights as (
    select
        transitions.from_year,
        transitions.person_id,
        transitions.from_interview_date,
        transitions.household_id,
        transitions.weight,
        factors.attrition_cell_code,
        case
            when transitions.has_answered
                then cast(
                    cast(transitions.weight as decimal(16, 6))
                    * factors.attrition_factor as decimal(20, 6)
                )
        end as pair_weight
    from core.survey_transitions as transitions
    inner join core.attrition_factors as factors
        on
            transitions.cell_function_code = factors.cell_function_code
            and transitions.cell_sector_group = factors.cell_sector_group
            and transitions.cell_register_code = factors.cell_register_code
)

select * from pair_weights
order by person_id nulls first, from_interview_date nulls first
