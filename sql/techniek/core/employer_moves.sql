-- One row per from_year, employer and other employer that someone went to: of
-- those who work for a known employer at both reference days, how many went,
-- how many the donor had at the first and the receiver at the second, and how
-- many of these are with it at both. Only pairs that occur.
with employed_twice as (
    select
        from_employer_id as donor_id,
        to_employer_id as receiver_id
    from core.pairs
    where
        from_work_code = 'employed'
        and to_work_code = 'employed'
        and from_employer_id is not null
        and to_employer_id is not null
),

flows as (
    select
        donor_id,
        receiver_id,
        count(*) as person_count,
        case when donor_id = receiver_id then count(*) else 0 end as stay_count
    from employed_twice
    group by donor_id, receiver_id
),

donors as (
    select
        donor_id,
        cast(sum(person_count) as bigint) as donor_count,
        cast(sum(stay_count) as bigint) as donor_stay_count
    from flows
    group by donor_id
),

receivers as (
    select
        receiver_id,
        cast(sum(person_count) as bigint) as receiver_count,
        cast(sum(stay_count) as bigint) as receiver_stay_count
    from flows
    group by receiver_id
),

employer_moves as (
    select
        cast($year as integer) as from_year,
        flows.donor_id,
        flows.receiver_id,
        flows.person_count,
        donors.donor_count,
        donors.donor_stay_count,
        receivers.receiver_count,
        receivers.receiver_stay_count
    from flows
    inner join donors
        on flows.donor_id = donors.donor_id
    inner join receivers
        on flows.receiver_id = receivers.receiver_id
    where flows.donor_id != flows.receiver_id
)

select * from employer_moves
order by donor_id nulls first, receiver_id nulls first
