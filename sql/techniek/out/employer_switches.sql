-- One row per from_year, sector group, age group and kind of employer of the
-- employees and directors who are so at both reference days: how many have
-- another employer for the main job a year later. Moves in between are not
-- seen. raw by the numbers of employers; corrected without those whose employer
-- went on under another number, by rule; less swaps, those whose main job is
-- another but who have or had both. Sector, age and kind are of the start.
with counts as (
    select
        sector_group,
        age_group,
        employer_kind,
        count(*) filter (where outcome_code = 'event') as event_count,
        count(*) filter (where outcome_code = 'link') as link_count,
        count(*) filter (where outcome_code = 'relabel') as relabel_count,
        count(*) filter (where outcome_code = 'takeover') as takeover_count,
        count(*) filter (where outcome_code = 'spin_off') as spin_off_count,
        count(*) filter (where outcome_code = 'swap') as swap_count,
        count(*) filter (where outcome_code = 'switch') as switch_count,
        count(*) filter (where outcome_code = 'recall') as recall_count,
        count(*) filter (where outcome_code = 'employer_unknown')
            as employer_unknown_count,
        count(*) filter (where outcome_code != 'employer_unknown')
            as base_count,
        count(distinct from_employer_id) as employer_count
    from core.employed_pairs
    group by sector_group, age_group, employer_kind
),

corrected as (
    select
        *,
        swap_count + switch_count as corrected_switch_count,
        event_count + link_count + relabel_count + takeover_count
        + spin_off_count as linked_count
    from counts
),

employer_switches as (
    select
        cast($year as integer) as from_year,
        sector_group,
        age_group,
        employer_kind,
        linked_count + corrected_switch_count as raw_switch_count,
        event_count,
        link_count,
        relabel_count,
        takeover_count,
        spin_off_count,
        corrected_switch_count,
        swap_count,
        switch_count as corrected_less_swap_count,
        recall_count,
        employer_unknown_count,
        base_count,
        base_count as unweighted_count,
        'employees and directors at both reference days, both employers known'
            as denominator_label,
        employer_count
    from corrected
)

select * from employer_switches
order by from_year, sector_group, age_group, employer_kind
