"""The job in DuckDB: raw CSV to typed Parquet, main jobs, transitions, table.

Column types are given, nothing is sniffed; zstd level 3 as honkvast writes; all
threads; memory limit as argument. Usage: duckdb_job.py RAW OUT [MEMORY].
"""

import sys
from pathlib import Path

import duckdb

raw, out = Path(sys.argv[1]), Path(sys.argv[2])
memory = sys.argv[3] if len(sys.argv) > 3 else "1GiB"
years = range(2016, 2020)

JOB_COLUMNS = {
    "RINPERSOONS": "VARCHAR", "RINPERSOON": "VARCHAR", "IKVID": "VARCHAR",
    "SBEID": "VARCHAR", "SDATUMAANVANGIKO": "DATE", "SDATUMEINDEIKO": "DATE",
    "SDATUMAANVANGIKV": "DATE", "SDATUMEINDEIKV": "DATE",
    "SBASISLOON": "DECIMAL(11,2)", "SBASISUREN": "DECIMAL(9,2)",
    "SREGULIEREUREN": "DECIMAL(9,2)", "SBAANDAGEN": "DECIMAL(9,2)",
    "SVOLTIJDDAGEN": "DECIMAL(9,2)", "SCONTRACTSOORT": "VARCHAR",
    "SSOORTBAAN": "VARCHAR", "SPOLISDIENSTVERBAND": "VARCHAR",
    "SWEKARBDUURKLASSE": "VARCHAR", "SCAOSECTOR": "VARCHAR", "SSECT": "VARCHAR",
    "SSRTIV": "VARCHAR", "STIJDVAKTYPE": "VARCHAR", "SVAKBIJDRAGE": "VARCHAR",
}
EMPLOYER_COLUMNS = {"BEID": "VARCHAR", "SBI2008V": "VARCHAR", "GKSBS": "VARCHAR", "GEMHV": "VARCHAR"}


def newest(folder, pattern):
    number = lambda path: int(path.stem.rsplit("V", 1)[1])
    return max((raw / folder).glob(pattern), key=number)


def to_parquet(db, file, columns, kept, target):
    db.execute(f"""
        copy (
            select {", ".join(kept)}
            from read_csv(
                '{file}', auto_detect = false, header = true, delim = ';', quote = '"',
                escape = '"', encoding = 'utf-8', decimal_separator = ',',
                dateformat = '%Y%m%d', nullstr = ['', '88888888', '99999999'],
                columns = {columns!r})
        ) to '{target}' (format parquet, compression zstd, compression_level 3)
    """)


MAIN_JOBS = """
    create temp table main_jobs_{year} as
    with jobs as (
        select
            RINPERSOONS || RINPERSOON as person_id,
            IKVID as job_id,
            SBEID as employer_id,
            sum(SBASISLOON) as wage_eur,
            sum(SBASISUREN) as hours
        from '{out}/jobs_{year}.parquet'
        where
            RINPERSOONS = 'R'
            and date '{year}-10-01' between SDATUMAANVANGIKO and SDATUMEINDEIKO
        group by all
    ),
    main_jobs as (
        select person_id, employer_id, wage_eur
        from jobs
        qualify row_number() over (
            partition by person_id
            order by wage_eur desc nulls last, hours desc nulls last, job_id, employer_id
        ) = 1
    )
    select person_id, employer_id, wage_eur, substr(SBI2008V, 1, 2) as sector_code
    from main_jobs
    left join '{out}/employers_{year}.parquet' on employer_id = BEID
"""

TRANSITIONS = """
    select
        {year} as from_year,
        coalesce(this_year.sector_code, 'unknown') as from_sector_code,
        case
            when next_year.person_id is null then 'no_job'
            when this_year.employer_id = next_year.employer_id then 'same_employer'
            when this_year.sector_code = next_year.sector_code
                then 'other_employer_same_sector'
            else 'other_sector'
        end as transition_code,
        count(*) as person_count,
        sum(this_year.wage_eur) as from_wage_eur
    from main_jobs_{year} as this_year
    left join main_jobs_{next} as next_year on this_year.person_id = next_year.person_id
    group by all
"""

out.mkdir(parents=True, exist_ok=True)
db = duckdb.connect(config={"memory_limit": memory, "temp_directory": str(out / "spill")})
for year in years:
    jobs = newest(f"SPOLISBUS/{year}", f"SPOLISBUS{year}V*.csv")
    to_parquet(db, jobs, JOB_COLUMNS, list(JOB_COLUMNS)[:-1], out / f"jobs_{year}.parquet")
    employers = newest("BETAB", f"BE{year}TABV*.csv")
    kept = ["BEID", "nullif(SBI2008V, '-----') as SBI2008V"]
    to_parquet(db, employers, EMPLOYER_COLUMNS, kept, out / f"employers_{year}.parquet")
for year in years:
    db.execute(MAIN_JOBS.format(out=out, year=year))
pairs = " union all ".join(TRANSITIONS.format(year=year, next=year + 1) for year in years[:-1])
db.execute(f"copy ({pairs} order by all) to '{out}/transitions.csv' (header)")
