-- One row per person and day of the year on which the survey asks: what the
-- registers say of the day. The main job among those that count, the state by
-- the activity, and whether the person has died or left by then. As in
-- core.residence a departure on the day counts; a kind of movement that the
-- list does not know is none.
with survey_days as (
    select
        person_id,
        survey_date
    from core.survey_days
    where date_part('year', survey_date) = $year
),

movements as (
    select
        survey_days.person_id,
        survey_days.survey_date,
        movement_kinds.is_entry,
        row_number() over (
            partition by survey_days.person_id, survey_days.survey_date
            order by
                movements.movement_date desc,
                movements.last_valid_date desc,
                movements.movement_code desc
        ) as place
    from survey_days
    inner join staging.movements as movements
        on
            survey_days.person_id = movements.person_id
            and survey_days.survey_date >= movements.movement_date
    inner join staging.movement_kinds as movement_kinds
        on movements.movement_code = movement_kinds.movement_code
),

departures as (
    select
        person_id,
        survey_date
    from movements
    where place = 1 and not is_entry
),

-- Spells do not overlap; where they do, the smallest code counts.
activities as (
    select
        survey_days.person_id,
        survey_days.survey_date,
        first_value(spells.state_code order by spells.secm_code) as state_code
    from survey_days
    inner join staging.activity_spells as spells
        on
            survey_days.person_id = spells.person_id
            and survey_days.survey_date >= spells.start_date
            and survey_days.survey_date <= spells.end_date
    group by survey_days.person_id, survey_days.survey_date
),

survey_day_states as (
    select
        cast($year as integer) as year,
        survey_days.person_id,
        survey_days.survey_date,
        case
            when deaths.death_date <= survey_days.survey_date then 'dead'
            when departures.person_id is not null then 'abroad'
            else 'present'
        end as presence_code,
        coalesce(activities.state_code, 'unknown') as activity_state_code,
        main_jobs.job_id,
        main_jobs.employer_id,
        main_jobs.sector_code
    from survey_days
    left join staging.deaths as deaths
        on survey_days.person_id = deaths.person_id
    left join departures
        on
            survey_days.person_id = departures.person_id
            and survey_days.survey_date = departures.survey_date
    left join activities
        on
            survey_days.person_id = activities.person_id
            and survey_days.survey_date = activities.survey_date
    left join core.main_jobs as main_jobs
        on
            survey_days.person_id = main_jobs.person_id
            and survey_days.survey_date = main_jobs.job_date
)

select * from survey_day_states
order by person_id nulls first, survey_date
