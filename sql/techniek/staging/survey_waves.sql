-- One row per person and interview of the labour force survey in the year's
-- file. The survey key is the interview day, then nine digits of the household
-- and two of the person, which stay the same in all waves. Weights serve
-- different subsets: the wave-1 weight is for wave 1 alone. The sector that
-- was answered is read as that of employers: a code without five characters,
-- four of them digits, has none.
with interviews as (
    select
        rinpersoons,
        rinpersoon,
        sleutelebb,
        ebbstkpeilingnummer,
        ebbgewjaargewichtp1a,
        ebbaflbbint,
        ebbpb1poswrkflexzzp1,
        ebbaflancienmnd,
        brc2014beroepsgroep,
        ebbtw1sbi2008v
    from raw.survey
),

survey_waves as (
    select
        cast($year as integer) as year,
        rinpersoons || rinpersoon as person_id,
        try_cast(
            substr(sleutelebb, 1, 4) || '-'
            || substr(sleutelebb, 5, 2) || '-'
            || substr(sleutelebb, 7, 2) as date
        ) as interview_date,
        substr(sleutelebb, 9) as respondent_id,
        substr(sleutelebb, 9, 9) as household_id,
        ebbstkpeilingnummer as wave_number,
        ebbgewjaargewichtp1a as first_wave_weight,
        ebbaflbbint as labour_position_code,
        ebbpb1poswrkflexzzp1 as position_code,
        ebbaflancienmnd as tenure_months,
        brc2014beroepsgroep as occupation_code,
        case
            when regexp_like(ebbtw1sbi2008v, '^[0-9]{4}[0-9A-Za-z]$')
                then substr(ebbtw1sbi2008v, 1, 2)
        end as answered_sector_code
    from interviews
    where rinpersoons = 'R'
)

select * from survey_waves
order by person_id nulls first, interview_date nulls first
