-- Scores of education and work: one row per list of technical education, level
-- of education, denominator and respondent asked first in the year who is
-- technically educated, or whose field is not known. The outcome is that the
-- person has no technical function; who does not work has none. It is null where
-- field, function or position is not known: neither is in any share, and both
-- are counted beside. The position on the labour market is as answered.
-- Denominators hold each other: everybody, the labour force, who is in work. The
-- level all holds those of unknown level too.
with variants as (
    select distinct variant
    from staging.technical_education
),

technical_education as (
    select
        variant,
        education_field_code
    from staging.technical_education
    where $reference_date between valid_from_date and valid_to_date
),

with_positions as (
    select
        respondents.*,
        education.education_level,
        education.education_field_code,
        case respondents.labour_position_code
            when '1' then 'in_work'
            when '2' then 'unemployed'
            when '3' then 'outside'
            else 'unknown'
        end as position_group
    from core.respondents as respondents
    inner join core.respondent_education as education
        on
            respondents.person_id = education.person_id
            and respondents.interview_date = education.interview_date
),

with_variants as (
    select
        with_positions.*,
        variants.variant,
        case
            when with_positions.education_field_code is not null
                then technical_education.variant is not null
        end as is_technically_educated
    from with_positions
    cross join variants
    left join technical_education
        on
            variants.variant = technical_education.variant
            and with_positions.education_field_code
            = technical_education.education_field_code
),

candidates as (
    select
        *,
        case
            when is_technically_educated is null then null
            when position_group = 'in_work' then not is_technical_function
            when position_group in ('unemployed', 'outside') then true
        end as has_no_technical_function
    from with_variants
    where coalesce(is_technically_educated, true)
),

match_scores as (
    select
        'education_match' as estimate,
        candidates.variant || ' '
        || case
            when levels.is_total then 'all' else candidates.education_level
        end || ' ' || denominators.denominator_code as cell,
        candidates.year,
        candidates.person_id,
        candidates.household_id,
        cast(null as string) as attrition_cell_code,
        candidates.weight as first_weight,
        cast(candidates.weight as decimal(20, 6)) as weight,
        cast(candidates.has_no_technical_function as integer) as outcome
    from candidates
    inner join (
        values
        ('everybody', 'in_work'),
        ('everybody', 'unemployed'),
        ('everybody', 'outside'),
        ('everybody', 'unknown'),
        ('labour_force', 'in_work'),
        ('labour_force', 'unemployed'),
        ('labour_force', 'unknown'),
        ('in_work', 'in_work'),
        ('in_work', 'unknown')
    ) as denominators (denominator_code, position_group)
        on candidates.position_group = denominators.position_group
    cross join (values (true), (false)) as levels (is_total)
)

select * from match_scores
order by cell, person_id
