-- One row per year and registered person born by the end of the year: age and
-- whereabouts on the reference day.
-- The last movement that began by the day says who is here, so an arrival on
-- the day counts and a departure on the day does not. Who never moved by then
-- is here, unless the first later movement is an entry. A kind of movement
-- that the list does not know is none. Age is in completed years; the day of
-- birth is not delivered, so the birthday counts from the month after birth,
-- and an unknown month is July. Who has no year of birth was born.
with persons as (
    select
        person_id,
        birth_year,
        coalesce(birth_month, 7) as birth_month
    from staging.persons
    where birth_year is null or birth_year <= $year
),

deaths as (
    select person_id
    from staging.deaths
    where death_date <= $reference_date
),

movements as (
    select
        movements.person_id,
        movements.movement_date,
        movements.last_valid_date,
        movements.movement_code,
        movements.movement_date <= $reference_date as is_past,
        movement_kinds.is_entry,
        movement_kinds.is_administrative
    from staging.movements as movements
    inner join staging.movement_kinds as movement_kinds
        on movements.movement_code = movement_kinds.movement_code
),

numbered as (
    select
        person_id,
        is_past,
        is_entry,
        is_administrative,
        row_number() over (
            partition by person_id, is_past
            order by movement_date, last_valid_date, movement_code
        ) as place,
        count(*) over (partition by person_id, is_past) as movement_count
    from movements
),

last_movements as (
    select
        person_id,
        is_entry,
        is_administrative
    from numbered
    where is_past and place = movement_count
),

next_movements as (
    select
        person_id,
        is_entry
    from numbered
    where not is_past and place = 1
),

whereabouts as (
    select
        persons.person_id,
        cast($year - persons.birth_year - case
            when persons.birth_month >= date_part('month', $reference_date)
                then 1
            else 0
        end as integer) as age,
        deaths.person_id is not null as is_dead,
        last_movements.is_entry as came_last,
        last_movements.is_administrative as was_entered_or_removed,
        next_movements.is_entry as comes_next
    from persons
    left join deaths
        on persons.person_id = deaths.person_id
    left join last_movements
        on persons.person_id = last_movements.person_id
    left join next_movements
        on persons.person_id = next_movements.person_id
),

residence as (
    select
        cast($year as integer) as year,
        person_id,
        age,
        case
            when age is null then 'unknown'
            when age between 15 and 24 then '15-24'
            when age between 25 and 34 then '25-34'
            when age between 35 and 44 then '35-44'
            when age between 45 and 54 then '45-54'
            when age between 55 and 64 then '55-64'
            when age between 65 and 74 then '65-74'
            else 'other'
        end as age_group,
        case
            when is_dead then 'dead'
            when not came_last then 'abroad'
            when came_last is null and comes_next then 'not_yet_arrived'
            when age < 0 then 'unborn'
            else 'resident'
        end as residence_code,
        came_last and was_entered_or_removed as is_entered_administratively
    from whereabouts
)

select * from residence
order by person_id nulls first
