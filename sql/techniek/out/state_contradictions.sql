-- One row per year, state, activity and whether any job counts: persons of the
-- population. Where activity and jobs say different things, the state is ours.
with person_years as (
    select
        year,
        state_code,
        coalesce(secm_code, 'unknown') as secm_code,
        has_job
    from core.person_years
),

state_contradictions as (
    select
        year,
        state_code,
        secm_code,
        has_job,
        count(*) as person_count,
        count(*) as unweighted_count,
        'population on the reference day' as denominator_label
    from person_years
    group by year, state_code, secm_code, has_job
)

select * from state_contradictions
order by year, state_code, secm_code, has_job
