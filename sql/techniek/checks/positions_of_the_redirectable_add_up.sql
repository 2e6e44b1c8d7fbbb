-- stop: the technically educated without a technical function are the same people by position, in the shares of the redirectable and of all technically educated.
with cells as (
    select
        year,
        sum(person_weight) as person_weight,
        sum(person_count) as person_count
    from out.redirectable
    where criterion not in ('function_unknown', 'education_unknown')
    group by year
),

shares as (
    select
        cast(period as integer) as year,
        base_weight as person_weight,
        base_count as person_count
    from core.survey_intervals
    where
        estimate = 'redirectable'
        and cell = 'redirectable'
        and period not like '%..%'
        and base_count > 0
    union all
    select
        cast(period as integer) as year,
        not_technical_weight as person_weight,
        not_technical_count as person_count
    from out.education_match
    where
        education_level = 'all'
        and denominator_code = 'everybody'
        and technical_education = $technical_education
        and period not like '%..%'
        and not_technical_count > 0
)

select
    coalesce(cells.year, shares.year) as year
from cells
full outer join shares
    on cells.year = shares.year
where
    cells.year is null
    or shares.year is null
    or cells.person_weight != shares.person_weight
    or cells.person_count != shares.person_count
