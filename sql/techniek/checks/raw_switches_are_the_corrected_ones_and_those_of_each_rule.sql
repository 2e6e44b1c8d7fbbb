-- stop: raw switches of employer are the corrected ones and those that each rule
-- takes away; of the corrected ones some are swaps.
select
    from_year,
    sector_group,
    age_group,
    employer_kind
from out.employer_switches
where
    raw_switch_count
    <> corrected_switch_count + event_count + link_count + relabel_count
    + takeover_count + spin_off_count
    or corrected_switch_count <> corrected_less_swap_count + swap_count
    or corrected_switch_count > raw_switch_count
    or swap_count > corrected_switch_count
