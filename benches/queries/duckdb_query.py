"""One step of the study in DuckDB, over the Parquet that honkvast reads for it.

Usage: duckdb_query.py TABLES OUT NAME, where TABLES is a lake's `current` and
NAME is main_jobs, employer_links or transitions. Writes a file a year, sorted as
honkvast's is and packed the same way.
"""

import sys
from pathlib import Path

import duckdb

tables, out, name = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]

MAIN_JOBS = """
    with jobs as (
        select
            *,
            coalesce(
                hours_per_day * 7,
                case hours_class_code
                    when '1' then 0 when '2' then 12 when '3' then 20
                    when '4' then 25 when '5' then 30 when '6' then 35
                end,
                12
            ) as hours_of_week
        from {open_jobs}
        where counted_as in ('employee', 'director')
    ),
    ranked as (
        select
            *,
            sum(hours_of_week) over (partition by person_id, job_date) as hours_per_week
        from jobs
        qualify row_number() over (
            partition by person_id, job_date
            order by wage_per_day_eur desc nulls last, hours_per_day desc nulls last, job_id
        ) = 1
    )
    select
        {year}::integer as year, person_id, job_date, is_reference_day, job_id, counted_as,
        employer_id, sector_code, hours_per_week::decimal(12, 4) as hours_per_week
    from ranked
    left join {employers} using (employer_id)
    order by person_id, job_date
"""

EMPLOYER_LINKS = """
    with flows as (
        select
            from_employer_id as donor_id,
            to_employer_id as receiver_id,
            count(*) as persons,
            count(*) filter (from_employer_id = to_employer_id) as stayers
        from {pairs}
        where
            from_work_code = 'employed' and to_work_code = 'employed'
            and from_employer_id is not null and to_employer_id is not null
        group by all
    ),
    sized as (
        select
            *,
            sum(persons) over donor as donor_count,
            sum(persons - stayers) over donor as leaver_count,
            sum(persons) over receiver as receiver_count,
            sum(stayers) over receiver as receiver_stay_count
        from flows
        window donor as (partition by donor_id), receiver as (partition by receiver_id)
    ),
    supply as (
        select distinct employer_id
        from (select * from {employers} union all select * from {next_employers})
        where sector_code = '78'
    ),
    said as (
        select donor_id, receiver_id, min(source_code) as source_code
        from {employer_chains}
        group by all
    ),
    eligible as (
        select
            sized.*,
            source_code,
            persons >= 5
            and donor_id not in (from supply) and receiver_id not in (from supply)
                as is_eligible,
            100 * persons >= 80 * donor_count as is_most_of_donor,
            100 * persons >= 80 * receiver_count as is_most_of_receiver
        from sized
        left join said using (donor_id, receiver_id)
        where donor_id != receiver_id
    ),
    parts as (
        select
            *,
            is_eligible and is_most_of_receiver and receiver_stay_count = 0 as is_part,
            sum(persons) filter (is_part) over (partition by donor_id) as part_count
        from eligible
    ),
    ruled as (
        select
            *,
            case
                when source_code is not null then source_code
                when not is_eligible then null
                when is_most_of_donor and is_most_of_receiver then 'relabel'
                when is_most_of_donor then 'takeover'
                when is_part and 100 * part_count >= 80 * leaver_count then 'spin_off'
            end as rule_code
        from parts
    )
    select
        {year}::integer as from_year, donor_id, receiver_id, rule_code,
        persons::bigint as person_count
    from ruled
    where rule_code is not null
    order by donor_id, receiver_id
"""

TRANSITIONS = """
    with sectors as (
        select
            pairs.*,
            from_employer_id = to_employer_id as is_same_employer,
            rule_code as link_rule_code,
            case
                when from_employer_id = to_employer_id then from_sector_code
                else coalesce(employers.sector_code, to_sector_code)
            end as pair_sector_code
        from {pairs} as pairs
        left join {employers} as employers on to_employer_id = employer_id
        left join {employer_links}
            on from_employer_id = donor_id and to_employer_id = receiver_id
    ),
    cells as (
        select
            sectors.*,
            from_sector_code = pair_sector_code as is_same_sector,
            case from_work_code when 'employed' then coalesce(one.sector_group, 'unknown')
                else from_work_code end as from_cell,
            case to_work_code when 'employed' then coalesce(two.sector_group, 'unknown')
                else to_work_code end as to_cell,
            case to_work_code when 'employed' then coalesce(three.sector_group, 'unknown')
                else to_work_code end as next_cell
        from sectors
        left join {sector_groups} as one on from_sector_code = one.sector_code
        left join {sector_groups} as two on pair_sector_code = two.sector_code
        left join {sector_groups} as three on to_sector_code = three.sector_code
    ),
    codes as (
        select
            *,
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
                when from_work_code = 'employed' and to_work_code = 'employed' then case
                    when is_same_employer is null then 'employer_unknown'
                    when is_same_employer then 'stay'
                    when from_state_code = 'employee' and to_state_code = 'director'
                        then 'to_self_employment'
                    when is_same_sector is null then 'other_employer_sector_unknown'
                    when is_same_sector then 'other_employer_same_sector'
                    else 'other_employer_other_sector'
                end
                when from_work_code = 'employed' then case to_work_code
                    when 'self_employed' then 'to_self_employment'
                    when 'unclear_work' then 'to_unclear_work'
                    else 'out_' || to_state_code
                end
                when from_work_code = 'self_employed' then case to_work_code
                    when 'self_employed' then 'self_stays'
                    when 'employed' then 'self_to_employee'
                    else 'self_out'
                end
                when to_work_code in ('employed', 'self_employed') then 'enters'
                else 'stays_out'
            end as transition_code
        from cells
    )
    select
        from_year, person_id, from_age_group, from_state_code, from_employer_id,
        from_sector_code, to_state_code, to_employer_id, pair_sector_code as to_sector_code,
        is_same_employer, link_rule_code, is_same_sector,
        is_same_employer and from_sector_code != to_sector_code as is_sector_recoded,
        from_cell, to_cell, next_cell, arrival_code, transition_code,
        is_same_employer or link_rule_code is not null as is_same_employer_corrected,
        case when link_rule_code is null then transition_code else 'stay' end
            as corrected_transition_code,
        case when link_rule_code is null then to_cell else from_cell end as corrected_to_cell
    from codes
    order by person_id
"""

QUERIES = {
    "main_jobs": (MAIN_JOBS, range(2016, 2020)),
    "employer_links": (EMPLOYER_LINKS, range(2016, 2019)),
    "transitions": (TRANSITIONS, range(2016, 2019)),
}


def file(layer, table, year):
    return f"'{tables}/{layer}/{table}/slice_year={year}/data.parquet'"


out.mkdir(parents=True, exist_ok=True)
db = duckdb.connect()
query, years = QUERIES[name]
for year in years:
    text = query.format(
        year=year,
        open_jobs=file("core", "open_jobs", year),
        pairs=file("core", "pairs", year),
        employer_chains=file("core", "employer_chains", year),
        employer_links=file("core", "employer_links", year),
        employers=file("staging", "employers", year),
        next_employers=file("staging", "employers", year + 1),
        sector_groups=f"'{tables}/core/sector_groups/data.parquet'",
    )
    target = out / f"{year}.parquet"
    db.execute(
        f"copy ({text}) to '{target}' (format parquet, compression zstd, compression_level 3)"
    )
