-- One row per from_year and cell of attrition: who was asked first, who of these
-- answered the fifth interview, and by what factor they stand for the others.
-- Who is out of scope a year later has rows of its own, by the reason; it is no
-- attrition.
with attrition as (
    select
        from_year,
        'in_scope' as scope_code,
        cell_function_code,
        cell_sector_group,
        cell_register_code,
        in_scope_weight as respondent_weight,
        answered_weight,
        in_scope_count as respondent_count,
        answered_count,
        attrition_factor,
        attrition_cell_code
    from core.attrition_factors
    union all
    select
        from_year,
        scope_code,
        'none' as cell_function_code,
        'none' as cell_sector_group,
        'none' as cell_register_code,
        cast(sum(weight) as decimal(20, 6)) as respondent_weight,
        cast(
            sum(case when has_answered then weight else 0 end)
            as decimal(20, 6)
        ) as answered_weight,
        count(*) as respondent_count,
        sum(case when has_answered then 1 else 0 end) as answered_count,
        cast(null as decimal(18, 10)) as attrition_factor,
        'none' as attrition_cell_code
    from core.survey_pairs
    where scope_code != 'in_scope'
    group by from_year, scope_code
)

select
    *,
    respondent_count as unweighted_count,
    'respondents of the cell at the first interview' as denominator_label
from attrition
order by
    from_year,
    scope_code,
    cell_function_code,
    cell_sector_group,
    cell_register_code
