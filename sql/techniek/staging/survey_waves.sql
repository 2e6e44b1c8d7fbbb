-- One row per person and interview of the labour force survey in the year.
-- The survey key is the interview day, then a household and person number
-- that stay the same in all waves. Weights serve different subsets: the
-- wave-1 weight is for wave 1 alone.
with interviews as (
    select
        rinpersoons,
        rinpersoon,
        sleutelebb,
        ebbstkpeilingnummer,
        ebbgewjaargewichtp1a,
        ebbaflbbint,
        brc2014beroepsgroep
    from raw.survey
),

survey_waves as (
    select
        rinpersoons || rinpersoon as person_id,
        try_cast(
            substr(sleutelebb, 1, 4) || '-'
            || substr(sleutelebb, 5, 2) || '-'
            || substr(sleutelebb, 7, 2) as date
        ) as interview_date,
        substr(sleutelebb, 9) as respondent_id,
        ebbstkpeilingnummer as wave_number,
        ebbgewjaargewichtp1a as first_wave_weight,
        ebbaflbbint as labour_position_code,
        brc2014beroepsgroep as occupation_code
    from interviews
    where rinpersoons = 'R'
)

select * from survey_waves
order by person_id nulls first, interview_date nulls first
