-- One row per from_year and age group: survey respondents with a technical
-- function in a technical sector at the first interview, and those who still
-- have one at the fifth, a year later. Another employer in a technical sector
-- is staying. Work without a job in the register (for oneself, mostly) is
-- leaving. Where the answer is not known, for want of an occupation or of the
-- employer's sector, a pair is in neither count, but in the unknown one.
with survey_pairs as (
    select
        from_age_group,
        first_wave_weight,
        from_sector_code,
        to_is_working,
        to_is_technical_function,
        to_job_id,
        to_sector_code
    from core.survey_pairs
    where from_is_technical_function and first_wave_weight is not null
),

technical_sectors as (
    select sector_code
    from core.technical_sectors
    where is_technical
),

technicians as (
    select
        survey_pairs.from_age_group as age_group,
        survey_pairs.first_wave_weight as weight,
        survey_pairs.to_is_working,
        survey_pairs.to_is_technical_function,
        survey_pairs.to_job_id,
        survey_pairs.to_sector_code
    from survey_pairs
    inner join technical_sectors
        on survey_pairs.from_sector_code = technical_sectors.sector_code
),

destinations as (
    select
        technicians.age_group,
        technicians.weight,
        case
            when technicians.to_is_working is null then 'unknown'
            when not technicians.to_is_working then 'leaves'
            when technicians.to_is_technical_function is null then 'unknown'
            when not technicians.to_is_technical_function then 'leaves'
            when technical_sectors.sector_code is not null then 'stays'
            when technicians.to_job_id is null then 'leaves'
            when technicians.to_sector_code is null then 'unknown'
            else 'leaves'
        end as destination
    from technicians
    left join technical_sectors
        on technicians.to_sector_code = technical_sectors.sector_code
),

indicators as (
    select
        age_group,
        weight,
        case when destination = 'stays' then 1 else 0 end as is_stay,
        case when destination = 'unknown' then 0 else 1 end as is_known
    from destinations
),

retention as (
    select
        cast($year as integer) as from_year,
        age_group,
        cast(sum(is_stay * weight) as decimal(20, 6)) as stay_weight,
        cast(sum(is_known * weight) as decimal(20, 6)) as base_weight,
        sum(is_stay) as stay_count,
        sum(is_known) as base_count,
        count(*) - sum(is_known) as unknown_count,
        'technical function in a technical sector at the first interview,'
        || ' state known a year later' as denominator_label
    from indicators
    group by age_group
)

select * from retention
order by from_year, age_group
