-- One row per person and spell of main activity, cut to the year, with the
-- state that it stands for where no job counts; unknown for a code without one.
-- Cut, so that the end of a spell in a later year changes no earlier slice.
with spells as (
    select
        rinpersoons,
        rinpersoon,
        aanvsecm,
        eindsecm,
        secm
    from raw.activity
),

code_list as (
    select
        code,
        state_code
    from raw.secm_states
),

year_bounds as (
    select
        rinpersoons || rinpersoon as person_id,
        secm as secm_code,
        greatest(
            aanvsecm,
            cast(cast($year as varchar) || '-01-01' as date)
        ) as start_date,
        least(
            coalesce(
                eindsecm,
                cast(cast($year as varchar) || '-12-31' as date)
            ),
            cast(cast($year as varchar) || '-12-31' as date)
        ) as end_date
    from spells
    where rinpersoons = 'R'
),

activity_spells as (
    select
        year_bounds.person_id,
        year_bounds.start_date,
        year_bounds.end_date,
        year_bounds.secm_code,
        coalesce(code_list.state_code, 'unknown') as state_code
    from year_bounds
    left join code_list
        on year_bounds.secm_code = code_list.code
    where year_bounds.start_date <= year_bounds.end_date
)

select * from activity_spells
order by
    person_id nulls first,
    start_date nulls first,
    secm_code nulls first
