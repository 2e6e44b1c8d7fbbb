-- stop: no numerator is larger than its denominator.
select
    'findings' as table_name,
    finding as row_name,
    year
from out.findings
where numerator > denominator or numerator < 0
union all
select
    'employer_switches' as table_name,
    sector_group || ' ' || age_group || ' ' || employer_kind as row_name,
    from_year as year
from out.employer_switches
where raw_switch_count > base_count
union all
select
    estimate as table_name,
    cell as row_name,
    cast(right(period, 4) as integer) as year
from core.survey_intervals
where outcome_weight > base_weight or outcome_count > base_count
