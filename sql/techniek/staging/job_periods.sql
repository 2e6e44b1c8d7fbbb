-- One row per person, job and row of a pay period.
-- A row is what the payroll delivers: monthly, four-weekly, or a correction,
-- so a job may have several rows for one period; a number tells them apart.
with pay_periods as (
    select
        rinpersoons,
        rinpersoon,
        ikvid,
        sbeid,
        sdatumaanvangiko,
        sdatumeindeiko,
        sdatumaanvangikv,
        sdatumeindeikv,
        sbasisloon,
        sbasisuren
    from raw.jobs
),

renamed as (
    select
        rinpersoons || rinpersoon as person_id,
        ikvid as job_id,
        sbeid as employer_id,
        sdatumaanvangiko as period_start_date,
        sdatumeindeiko as period_end_date,
        sdatumaanvangikv as job_start_date,
        sdatumeindeikv as job_end_date,
        sbasisloon as base_wage_eur,
        sbasisuren as base_hours
    from pay_periods
    where rinpersoons = 'R'
),

job_periods as (
    select
        person_id,
        job_id,
        period_start_date,
        row_number() over (
            partition by person_id, job_id, period_start_date
            order by
                period_end_date,
                employer_id,
                base_wage_eur,
                base_hours,
                job_start_date,
                job_end_date
        ) as period_row_number,
        period_end_date,
        employer_id,
        base_wage_eur,
        base_hours,
        job_start_date,
        job_end_date
    from renamed
)

select * from job_periods
order by
    person_id nulls first,
    job_id nulls first,
    period_start_date nulls first,
    period_row_number nulls first
