-- One row per from_year and employee or director of 15 to 74 at the start: what
-- goes with changing employer or leaving work, and whether one did. switch: 0 or
-- 1 of those who work for an employer at both ends, both known (corrected), else
-- null. exit: 1 for who is out of work or for oneself a year later, 0 for who has
-- an employer, else null: dead, abroad, or in work without a job that counts.
-- A fifth of wages begins where that share of persons with a known wage have a
-- lower one, so that equal wages are in one fifth.
with transitions as (
    select
        person_id,
        from_age_group,
        from_cell,
        from_sector_code,
        to_state_code
    from core.transitions
    where
        from_state_code in ('employee', 'director')
        and from_age_group not in ('other', 'unknown')
),

with_terms as (
    select
        transitions.*,
        terms.contract_code,
        terms.job_kind_code,
        terms.hours_class_code,
        terms.tenure_years,
        terms.wage_per_hour_eur,
        terms.size_code,
        education.education_kind,
        pairs.outcome_code
    from transitions
    left join core.main_job_terms as terms
        on transitions.person_id = terms.person_id
    left join core.person_education as education
        on transitions.person_id = education.person_id
    left join core.employed_pairs as pairs
        on transitions.person_id = pairs.person_id
),

wages as (
    select
        wage_per_hour_eur,
        count(*) as person_count
    from with_terms
    where wage_per_hour_eur is not null
    group by wage_per_hour_eur
),

fifths as (
    select
        wage_per_hour_eur,
        5 * (sum(person_count) over up_to_here - person_count)
        / sum(person_count) over () + 1 as fifth
    from wages
    window up_to_here as (
        order by wage_per_hour_eur
        rows between unbounded preceding and current row
    )
),

reason_pairs as (
    select
        cast($year as integer) as from_year,
        person_id,
        from_cell as sector_group,
        from_age_group as age_group,
        case
            when tenure_years is null then 'unknown'
            when tenure_years < 1 then 'under_1'
            when tenure_years < 2 then '1_to_2'
            when tenure_years < 5 then '2_to_5'
            when tenure_years < 10 then '5_to_10'
            else '10_or_more'
        end as tenure,
        case contract_code
            when 'O' then 'permanent'
            when 'B' then 'temporary'
            when 'N' then 'none'
            else 'unknown'
        end as contract,
        coalesce(hours_class_code, 'unknown') as hours_class,
        coalesce(cast(fifth as string), 'unknown') as wage_fifth,
        case
            when size_code between '00' and '30' then 'under_10'
            when size_code between '40' and '50' then '10_to_49'
            when size_code between '60' and '81' then '50_to_249'
            when size_code between '82' and '93' then '250_or_more'
            else 'unknown'
        end as firm_size,
        coalesce(job_kind_code, 'unknown') as job_kind,
        case
            when from_sector_code is null then 'unknown'
            when from_sector_code = '78' then 'personnel_supply'
            else 'other'
        end as personnel_supply,
        case
            when education_kind = 'other' then 'other'
            when education_kind = 'technical' and from_cell = 'technical'
                then 'technical_in_technical_sector'
            when education_kind = 'technical' and from_cell = 'other'
                then 'technical_elsewhere'
            else 'unknown'
        end as education_match,
        case
            when outcome_code = 'employer_unknown' then null
            when outcome_code in ('swap', 'switch') then 1
            when outcome_code is not null then 0
        end as has_switched,
        case
            when to_state_code in ('employee', 'director') then 0
            when to_state_code != 'unclear_work' then 1
        end as has_left
    from with_terms
    left join fifths
        on with_terms.wage_per_hour_eur = fifths.wage_per_hour_eur
)

select * from reason_pairs
order by person_id nulls first
