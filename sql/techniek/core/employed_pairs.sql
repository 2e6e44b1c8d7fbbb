-- One row per from_year and person who works for an employer at both reference
-- days, and what became of that: employer_unknown at either end; stay with the
-- same number; recall, the same, with gap_days or more in between in which no
-- job with it counts; the rule by which one number goes on as the other; swap,
-- another employer for the main job where the old one still has a job of the
-- person at the end, or the new one had one at the start; else switch. The kind
-- of employer is that of the start: of personnel supply (SBI 78) payroll firms
-- are those of class 7830, and agencies the others.
with transitions as (
    select
        person_id,
        from_cell,
        from_age_group,
        from_employer_id,
        to_employer_id,
        is_same_employer,
        link_rule_code
    from core.transitions
    where
        from_state_code in ('employee', 'director')
        and to_state_code in ('employee', 'director')
),

jobs as (
    select
        year,
        person_id,
        employer_id
    from core.open_jobs
    where
        is_reference_day
        and counted_as in ('employee', 'director')
),

swaps as (
    select distinct transitions.person_id
    from transitions
    inner join jobs
        on transitions.person_id = jobs.person_id
    where
        not transitions.is_same_employer
        and (
            jobs.year = $year and jobs.employer_id = transitions.to_employer_id
            or jobs.year = $year + 1
            and jobs.employer_id = transitions.from_employer_id
        )
),

spells as (
    select
        transitions.person_id,
        job_spells.start_date,
        max(job_spells.end_date) over (
            partition by transitions.person_id
            order by
                job_spells.start_date asc,
                job_spells.end_date asc,
                job_spells.job_id asc
            rows between unbounded preceding and 1 preceding
        ) as held_until_date
    from transitions
    inner join core.job_spells as job_spells
        on
            transitions.person_id = job_spells.person_id
            and transitions.from_employer_id = job_spells.employer_id
    where
        transitions.is_same_employer
        and job_spells.is_counted
        and job_spells.year in ($year, $year + 1)
),

recalls as (
    select distinct person_id
    from spells
    where
        held_until_date >= $reference_date
        and start_date <= $reference_date + interval '1' year
        and cast(start_date as integer) - cast(held_until_date as integer)
        > $gap_days
),

employed_pairs as (
    select
        cast($year as integer) as from_year,
        transitions.person_id,
        transitions.from_cell as sector_group,
        transitions.from_age_group as age_group,
        transitions.from_employer_id,
        transitions.to_employer_id,
        case
            when employers.sector_code is null then 'unknown'
            when employers.sector_code != '78' then 'other'
            when substr(employers.sbi_code, 1, 4) = '7830' then 'payroll'
            else 'agency'
        end as employer_kind,
        case
            when transitions.is_same_employer is null then 'employer_unknown'
            when recalls.person_id is not null then 'recall'
            when transitions.is_same_employer then 'stay'
            when transitions.link_rule_code is not null
                then transitions.link_rule_code
            when swaps.person_id is not null then 'swap'
            else 'switch'
        end as outcome_code
    from transitions
    left join staging.employers as employers
        on transitions.from_employer_id = employers.employer_id
    left join swaps
        on transitions.person_id = swaps.person_id
    left join recalls
        on transitions.person_id = recalls.person_id
)

select * from employed_pairs
order by person_id nulls first
