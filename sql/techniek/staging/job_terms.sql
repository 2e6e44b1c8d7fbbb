-- One row per record of the payroll whose period holds the reference day: the
-- terms of the job. Records of a job are numbered. The contract is delivered in
-- either case, and is the same in both. The original start of a job that began
-- before 2013 is often 1 January of a later year, so such a day is no start.
with pay_periods as (
    select
        rinpersoons,
        rinpersoon,
        ikvid,
        sdatumaanvangiko,
        sdatumeindeiko,
        sdatumaanvangikvorg,
        sbasisloon,
        sbasisuren,
        scontractsoort,
        ssoortbaan,
        swekarbduurklasse
    from raw.jobs
),

renamed as (
    select
        rinpersoons || rinpersoon as person_id,
        ikvid as job_id,
        sdatumaanvangiko as period_start_date,
        case
            when
                date_part('year', sdatumaanvangikvorg) >= 2013
                or date_part('doy', sdatumaanvangikvorg) != 1
                then sdatumaanvangikvorg
        end as original_start_date,
        sbasisloon as base_wage_eur,
        sbasisuren as base_hours,
        upper(scontractsoort) as contract_code,
        ssoortbaan as job_kind_code,
        swekarbduurklasse as hours_class_code
    from pay_periods
    where
        rinpersoons = 'R'
        and sdatumaanvangiko <= $reference_date
        and sdatumeindeiko >= $reference_date
),

job_terms as (
    select
        *,
        row_number() over (
            partition by person_id, job_id
            order by
                period_start_date nulls first,
                original_start_date nulls first,
                base_wage_eur nulls first,
                base_hours nulls first,
                contract_code nulls first,
                job_kind_code nulls first,
                hours_class_code nulls first
        ) as record_number
    from renamed
)

select * from job_terms
order by person_id nulls first, job_id nulls first, record_number nulls first
