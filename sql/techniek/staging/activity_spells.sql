-- One row per person and spell of main activity, cut to the year.
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
        person_id,
        start_date,
        end_date,
        secm_code
    from year_bounds
    where start_date <= end_date
)

select * from activity_spells
order by
    person_id nulls first,
    start_date nulls first,
    secm_code nulls first
