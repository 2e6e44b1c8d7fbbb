-- Scores of staying a technician and of where the others go: one row per share
-- and pair of interviews. Who may have left or changed, but that is not known,
-- is counted with a destination that is not. Of retention, by age group and
-- over all ages; of destinations, to the reading employees, of those who left
-- the cell and of those who changed job, each destination, and other_function
-- for the two without a technical function together.
with bases as (
    select
        *,
        is_stay as has_outcome,
        'retention' as estimate,
        working_reading || ' ' || function_reading as base
    from core.retention_pairs
),

leavers as (
    select
        *,
        'left_the_cell ' || function_reading as base,
        not is_stay and destination != 'unknown' as is_known
    from core.retention_pairs
    where working_reading = 'employees' and coalesce(not is_stay, true)
    union all
    select
        *,
        'changed_job ' || function_reading as base,
        has_changed_job and destination != 'unknown' as is_known
    from core.retention_pairs
    where working_reading = 'employees' and coalesce(has_changed_job, true)
),

destinations as (
    select destination
    from
        (
            values
            ('technical_function_technical_sector'),
            ('technical_function_other_sector'),
            ('other_function_technical_sector'),
            ('other_function_other_sector'),
            ('other_function'),
            ('self_employed'),
            ('out_unemployment'),
            ('out_assistance'),
            ('out_other_benefit'),
            ('out_disability'),
            ('out_pension'),
            ('out_student'),
            ('out_no_income'),
            ('out_unknown')
        ) as list (destination)
),

scores as (
    select
        estimate,
        base || ' '
        || case when ages.is_total then '15-74' else from_age_group end as cell,
        from_year,
        person_id,
        household_id,
        attrition_cell_code,
        weight,
        pair_weight,
        has_outcome
    from bases
    cross join (values (true), (false)) as ages (is_total)
    union all
    select
        'leaver_destinations' as estimate,
        leavers.base || ' ' || destinations.destination as cell,
        leavers.from_year,
        leavers.person_id,
        leavers.household_id,
        leavers.attrition_cell_code,
        leavers.weight,
        leavers.pair_weight,
        case
            when leavers.is_known
                then leavers.destination = destinations.destination
                    or destinations.destination = 'other_function'
                    and leavers.destination like 'other_function_%'
        end as has_outcome
    from leavers
    cross join destinations
    where
        leavers.base like 'changed_job %'
        or destinations.destination != 'technical_function_technical_sector'
),

retention_scores as (
    select
        estimate,
        cell,
        from_year as year,
        person_id,
        household_id,
        attrition_cell_code,
        weight as first_weight,
        pair_weight as weight,
        cast(has_outcome as integer) as outcome
    from scores
)

select * from retention_scores
order by estimate, cell, person_id
