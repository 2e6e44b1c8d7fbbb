-- One row per from_year and person in the population at either reference day:
-- what became of who was there at the first, how others came in, and the cells
-- of the accounts.
-- Flags are null where either end is not known. The sector of the end is by the
-- first year's list of employers, and by the second's for who is not on it, so
-- that another activity code moves nobody; next_cell is by the second's. What is
-- corrected takes the ends of a link of employers for one employer.
with with_sectors as (
    select
        pairs.*,
        pairs.from_employer_id = pairs.to_employer_id as is_same_employer,
        links.rule_code as link_rule_code,
        case
            when pairs.from_employer_id = pairs.to_employer_id
                then pairs.from_sector_code
            else coalesce(employers.sector_code, pairs.to_sector_code)
        end as to_pair_sector_code
    from core.pairs as pairs
    left join staging.employers as employers
        on pairs.to_employer_id = employers.employer_id
    left join core.employer_links as links
        on
            pairs.from_employer_id = links.donor_id
            and pairs.to_employer_id = links.receiver_id
),

with_groups as (
    select
        with_sectors.*,
        coalesce(from_groups.sector_group, 'unknown') as from_group,
        coalesce(to_groups.sector_group, 'unknown') as to_group,
        coalesce(next_groups.sector_group, 'unknown') as next_group,
        from_sector_code = to_pair_sector_code as is_same_sector
    from with_sectors
    left join core.sector_groups as from_groups
        on with_sectors.from_sector_code = from_groups.sector_code
    left join core.sector_groups as to_groups
        on with_sectors.to_pair_sector_code = to_groups.sector_code
    left join core.sector_groups as next_groups
        on with_sectors.to_sector_code = next_groups.sector_code
),

with_codes as (
    select
        from_year,
        person_id,
        from_age_group,
        from_state_code,
        from_employer_id,
        from_sector_code,
        to_state_code,
        to_employer_id,
        to_pair_sector_code as to_sector_code,
        is_same_employer,
        link_rule_code,
        is_same_sector,
        is_same_employer and from_sector_code != to_sector_code
            as is_sector_recoded,
        case from_work_code when 'employed' then from_group else from_work_code end
            as from_cell,
        case to_work_code when 'employed' then to_group else to_work_code end
            as to_cell,
        case to_work_code when 'employed' then next_group else to_work_code end
            as next_cell,
        case
            when from_state_code is not null then null
            when from_residence_code = 'abroad' then 'returned'
            when is_entered_administratively then 'entered_otherwise'
            when is_entered_administratively is not null then 'immigrated'
            when from_residence_code = 'unborn' then 'born'
            else 'unaccounted'
        end as arrival_code,
        case
            when from_state_code is null then null
            when to_residence_code = 'dead' then 'died'
            when to_residence_code = 'abroad' then 'emigrated'
            when to_state_code is null then 'unaccounted'
            when from_work_code = 'employed' and to_work_code = 'employed'
                then case
                    when is_same_employer is null then 'employer_unknown'
                    when is_same_employer then 'stay'
                    when from_state_code = 'employee' and to_state_code = 'director'
                        then 'to_self_employment'
                    when is_same_sector is null
                        then 'other_employer_sector_unknown'
                    when is_same_sector then 'other_employer_same_sector'
                    else 'other_employer_other_sector'
                end
            when from_work_code = 'employed'
                then case to_work_code
                    when 'self_employed' then 'to_self_employment'
                    when 'unclear_work' then 'to_unclear_work'
                    else 'out_' || to_state_code
                end
            when from_work_code = 'self_employed'
                then case to_work_code
                    when 'self_employed' then 'self_stays'
                    when 'employed' then 'self_to_employee'
                    else 'self_out'
                end
            when to_work_code in ('employed', 'self_employed') then 'enters'
            else 'stays_out'
        end as transition_code
    from with_groups
),

transitions as (
    select
        *,
        is_same_employer or link_rule_code is not null
            as is_same_employer_corrected,
        case when link_rule_code is null then transition_code else 'stay' end
            as corrected_transition_code,
        case when link_rule_code is null then to_cell else from_cell end
            as corrected_to_cell
    from with_codes
)

select * from transitions
order by person_id nulls first
