-- One row per pair of core.employer_moves: whether the donor went on as the
-- receiver, by the first rule that holds, and else why not.
-- event and link are said by a register of employers. By the flow of people,
-- of at least least_headcount persons, and where neither is of personnel supply
-- (SBI 78): relabel, most of the donor's staff are most of the receiver's;
-- takeover, most of the donor's; spin_off, most of the staff of a receiver that
-- nobody stayed with, if such receivers together took most of the donor's
-- leavers. What these rules would say of personnel supply and of fewer persons
-- is agency and below_headcount. The others are clustered, chunky or scattered
-- by their share of the donor's leavers, scattered too where they are few.
with moves as (
    select
        *,
        donor_count - donor_stay_count as leaver_count,
        person_count >= $least_headcount as is_large,
        person_count >= $donor_share * donor_count as is_most_of_donor,
        person_count >= $receiver_share * receiver_count as is_most_of_receiver,
        person_count >= $receiver_share * receiver_count
        and receiver_stay_count = 0 as is_new_receiver
    from core.employer_moves
),

personnel_supply as (
    select distinct employer_id
    from staging.employers
    where sector_code = '78' and year in ($year, $year + 1)
),

said as (
    select
        donor_id,
        receiver_id,
        min(source_code) as source_code
    from core.employer_chains
    group by donor_id, receiver_id
),

with_supply as (
    select
        moves.*,
        said.source_code,
        moves.is_large
        and donors.employer_id is null
        and receivers.employer_id is null as is_eligible
    from moves
    left join said
        on
            moves.donor_id = said.donor_id
            and moves.receiver_id = said.receiver_id
    left join personnel_supply as donors
        on moves.donor_id = donors.employer_id
    left join personnel_supply as receivers
        on moves.receiver_id = receivers.employer_id
),

-- Staff that went to receivers nobody stayed with, of all and of who is eligible.
new_receivers as (
    select
        donor_id,
        sum(person_count) as new_receiver_count,
        sum(case when is_eligible then person_count else 0 end)
            as spin_off_count
    from with_supply
    where is_new_receiver
    group by donor_id
),

-- The rule by flow, for who is eligible, and else what it would be.
with_flows as (
    select
        with_supply.*,
        case
            when is_most_of_donor and is_most_of_receiver then 'relabel'
            when is_most_of_donor then 'takeover'
            when
                is_new_receiver
                and case
                    when is_eligible then spin_off_count else new_receiver_count
                end
                >= $donor_share * leaver_count
                then 'spin_off'
        end as flow_code
    from with_supply
    left join new_receivers
        on with_supply.donor_id = new_receivers.donor_id
),

employer_evidence as (
    select
        cast($year as integer) as from_year,
        donor_id,
        receiver_id,
        case
            when source_code is not null then source_code
            when is_eligible and flow_code is not null then flow_code
            when flow_code is not null and is_large then 'agency'
            when flow_code is not null then 'below_headcount'
            when not is_large or 100 * person_count < 30 * leaver_count
                then 'scattered'
            when 100 * person_count <= 80 * leaver_count then 'chunky'
            else 'clustered'
        end as evidence_code,
        source_code is not null or is_eligible and flow_code is not null
            as is_link,
        person_count,
        donor_count,
        receiver_count,
        leaver_count
    from with_flows
)

select * from employer_evidence
order by donor_id nulls first, receiver_id nulls first
