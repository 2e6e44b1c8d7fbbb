-- One row per row of the payroll: person, job, period and what was paid.
-- The payroll delivers rows: monthly, four-weekly, or a correction, so a job
-- may have several for one period; the records of a job are numbered. Whether
-- records alike in all that is kept are two payments or one delivered twice, no
-- column says: both count, and a check tells.
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
        sbasisuren,
        ssoortbaan,
        ssrtiv,
        swekarbduurklasse
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
        sbasisuren as base_hours,
        ssoortbaan as job_kind_code,
        ssrtiv as income_relation_code,
        swekarbduurklasse as hours_class_code
    from pay_periods
    where rinpersoons = 'R'
),

job_periods as (
    select
        person_id,
        job_id,
        period_start_date,
        period_end_date,
        employer_id,
        base_wage_eur,
        base_hours,
        job_start_date,
        job_end_date,
        job_kind_code,
        income_relation_code,
        hours_class_code,
        row_number() over (
            partition by person_id, job_id
            order by
                period_start_date nulls first,
                period_end_date nulls first,
                employer_id nulls first,
                base_wage_eur nulls first,
                base_hours nulls first,
                job_start_date nulls first,
                job_end_date nulls first,
                job_kind_code nulls first,
                income_relation_code nulls first,
                hours_class_code nulls first
        ) as record_number
    from renamed
)

select * from job_periods
order by
    person_id nulls first,
    job_id nulls first,
    period_start_date nulls first,
    period_end_date nulls first,
    record_number nulls first
