-- One row per source and kind of person key: the records of the year.
-- Only R, a person of the population register, is kept in staging. Here the
-- others are counted, so that nobody is dropped in silence.
with persons as (
    select
        rinpersoons,
        gbageboortejaar
    from raw.persons
),

deaths as (
    select
        rinpersoons,
        gbadatumoverlijden
    from raw.deaths
),

movements as (
    select
        rinpersoons,
        gbadatumaanvangmigratie
    from raw.movements
),

activity as (
    select
        rinpersoons,
        aanvsecm,
        eindsecm
    from raw.activity
),

records as (
    select 'persons' as source_name, rinpersoons
    from persons
    where gbageboortejaar is null or gbageboortejaar <= $year
    union all
    select 'deaths' as source_name, rinpersoons
    from deaths
    where date_part('year', gbadatumoverlijden) = $year
    union all
    select 'movements' as source_name, rinpersoons
    from movements
    where date_part('year', gbadatumaanvangmigratie) = $year
    union all
    select 'activity' as source_name, rinpersoons
    from activity
    where
        date_part('year', aanvsecm) <= $year
        and (eindsecm is null or date_part('year', eindsecm) >= $year)
    union all
    select 'jobs' as source_name, rinpersoons
    from raw.jobs
    union all
    select 'education' as source_name, rinpersoons
    from raw.education
    union all
    select 'survey' as source_name, rinpersoons
    from raw.survey
),

person_key_counts as (
    select
        cast($year as integer) as year,
        source_name,
        rinpersoons as person_key_code,
        count(*) as record_count
    from records
    group by source_name, rinpersoons
)

select * from person_key_counts
order by source_name nulls first, person_key_code nulls first
