-- One row per person, job and employer with pay on the reference day.
-- Rows of one job that cover the day are added up: a correction is a row of
-- its own.
with pay_periods as (
    select
        rinpersoons,
        rinpersoon,
        ikvid,
        sbeid,
        sdatumaanvangiko,
        sdatumeindeiko,
        sbasisloon,
        sbasisuren
    from raw.jobs
),

on_reference_day as (
    select
        rinpersoons || rinpersoon as person_id,
        ikvid as job_id,
        sbeid as employer_id,
        sbasisloon,
        sbasisuren
    from pay_periods
    where
        rinpersoons = 'R'
        and cast(cast($year as varchar) || '-' || $reference_day as date)
        between sdatumaanvangiko and sdatumeindeiko
),

jobs as (
    select
        person_id,
        job_id,
        employer_id,
        sum(sbasisloon) as wage_eur,
        sum(sbasisuren) as hours
    from on_reference_day
    group by person_id, job_id, employer_id
)

select * from jobs
order by
    person_id nulls first,
    job_id nulls first,
    employer_id nulls first
