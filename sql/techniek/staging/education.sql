-- One row per record of the highest education attained at 1 October. Registers
-- cover part of the people, a survey samples the rest: rows have a weight, and
-- counting rows would be wrong. A person has one record; where there are more,
-- they are numbered, the highest level first.
with attained as (
    select
        rinpersoons,
        rinpersoon,
        oplnivsoiagg4hb,
        richtdetailiscedf2013hb,
        gewichthoogsteopl
    from raw.education
),

renamed as (
    select
        rinpersoons || rinpersoon as person_id,
        oplnivsoiagg4hb as education_level_code,
        richtdetailiscedf2013hb as education_field_code,
        gewichthoogsteopl as education_weight
    from attained
    where rinpersoons = 'R'
),

education as (
    select
        cast($year as integer) as year,
        person_id,
        education_level_code,
        education_field_code,
        education_weight,
        row_number() over (
            partition by person_id
            order by
                education_level_code desc nulls last,
                education_field_code nulls last,
                education_weight desc nulls last
        ) as record_number
    from renamed
)

select * from education
order by person_id nulls first, record_number nulls first
