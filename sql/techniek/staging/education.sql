-- One row per person whose highest level attained is known at 1 October.
-- Registers cover part of the people, a survey samples the rest: rows have a
-- weight, and counting rows would be wrong.
with attained as (
    select
        rinpersoons,
        rinpersoon,
        oplnivsoi2016agg4hbmetnirwo,
        richtdetailiscedf2013hbmetnirwo,
        gewichthoogsteopl
    from raw.education
),

education as (
    select
        rinpersoons || rinpersoon as person_id,
        oplnivsoi2016agg4hbmetnirwo as education_level_code,
        richtdetailiscedf2013hbmetnirwo as education_field_code,
        gewichthoogsteopl as education_weight
    from attained
    where rinpersoons = 'R'
)

select * from education
order by person_id nulls first
