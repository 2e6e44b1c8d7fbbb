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
    'retention' as table_name,
    age_group as row_name,
    from_year as year
from out.retention
where stay_weight > base_weight or stay_count > base_count
