-- One row per reading of working, reading of the function and respondent who
-- had a technical function in a technical sector at the first interview, in
-- scope, and answered the fifth: whether it is still so, null where that is not
-- known, and where the others are. A function that is not technical or a sector
-- that is not settle it, even if the other is not known. Another employer in a
-- technical sector is staying. To the reading employees work for oneself is
-- leaving; to workers it is work like any, in the sector that was answered.
-- has_changed_job: works a year later, for another employer (corrected), for
-- oneself after a job, or with another function.
with technicians as (
    select
        transitions.*,
        weights.attrition_cell_code,
        weights.pair_weight,
        readings.working_reading,
        functions.function_reading,
        case functions.function_reading
            when 'as_coded' then transitions.to_is_technical_function
            else transitions.to_is_technical_with_job_change
        end as to_is_technical
    from core.survey_transitions as transitions
    inner join core.pair_weights as weights
        on
            transitions.person_id = weights.person_id
            and transitions.from_interview_date = weights.from_interview_date
    inner join staging.working_readings as readings
        on transitions.from_work_code = readings.work_code
    cross join (
        values ('as_coded'), ('with_job_change')
    ) as functions (function_reading)
    where
        transitions.from_is_technical_function
        and transitions.from_group = 'technical'
        and transitions.has_answered
),

retention_pairs as (
    select
        from_year,
        working_reading,
        function_reading,
        person_id,
        household_id,
        from_age_group,
        weight,
        attrition_cell_code,
        pair_weight,
        case
            when to_work_code = 'unknown' then null
            when to_work_code = 'not_working' then false
            when working_reading = 'employees' and to_work_code = 'self_employed'
                then false
            else to_is_technical and to_group = 'technical'
        end as is_stay,
        case
            when to_work_code = 'unknown' then null
            when to_work_code = 'not_working' then false
            when from_work_code != to_work_code then true
            else not is_same_employer or not to_is_technical
        end as has_changed_job,
        case
            when to_work_code = 'unknown' then 'unknown'
            when to_work_code = 'not_working'
                then case
                    when to_activity_state_code in (
                        'director', 'self_employed', 'unclear_work'
                    )
                        then 'out_unknown'
                    else 'out_' || to_activity_state_code
                end
            when to_work_code = 'self_employed' then 'self_employed'
            when to_is_technical is null or to_group is null then 'unknown'
            else case when to_is_technical then 'technical' else 'other' end
                || '_function_'
                || case
                    when to_group = 'technical' then 'technical' else 'other'
                end
                || '_sector'
        end as destination
    from technicians
)

select * from retention_pairs
order by working_reading, function_reading, person_id nulls first
