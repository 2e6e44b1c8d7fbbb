"""The job in Polars: raw CSV to typed Parquet, main jobs, transitions, table.

Column types are given, nothing is inferred; zstd level 3 as honkvast writes;
without statistics of pages, as honkvast; the streaming engine, all threads. Usage: polars_job.py RAW OUT.
"""

import sys
from pathlib import Path

import polars as pl

raw, out = Path(sys.argv[1]), Path(sys.argv[2])
years = range(2016, 2020)

TEXT, DATE = pl.String, pl.Date
JOB_COLUMNS = {
    "RINPERSOONS": TEXT, "RINPERSOON": TEXT, "IKVID": TEXT, "SBEID": TEXT,
    "SDATUMAANVANGIKO": DATE, "SDATUMEINDEIKO": DATE,
    "SDATUMAANVANGIKV": DATE, "SDATUMEINDEIKV": DATE,
    "SBASISLOON": pl.Decimal(11, 2), "SBASISUREN": pl.Decimal(9, 2),
    "SREGULIEREUREN": pl.Decimal(9, 2), "SBAANDAGEN": pl.Decimal(9, 2),
    "SVOLTIJDDAGEN": pl.Decimal(9, 2), "SCONTRACTSOORT": TEXT, "SSOORTBAAN": TEXT,
    "SPOLISDIENSTVERBAND": TEXT, "SWEKARBDUURKLASSE": TEXT, "SCAOSECTOR": TEXT,
    "SSECT": TEXT, "SSRTIV": TEXT, "STIJDVAKTYPE": TEXT, "SVAKBIJDRAGE": TEXT,
}
EMPLOYER_COLUMNS = {"BEID": TEXT, "SBI2008V": TEXT, "GKSBS": TEXT, "GEMHV": TEXT}
DATES = [name for name, kind in JOB_COLUMNS.items() if kind == DATE]
NO_DAY = ["88888888", "99999999"]


def newest(folder, pattern):
    number = lambda path: int(path.stem.rsplit("V", 1)[1])
    return max((raw / folder).glob(pattern), key=number)


def read(file, columns):
    """Dates come as text: the reader knows only days with hyphens."""
    as_read = {name: TEXT if kind == DATE else kind for name, kind in columns.items()}
    return pl.scan_csv(
        file, separator=";", decimal_comma=True, has_header=False, skip_lines=1,
        schema=as_read, encoding="utf8", null_values=[""],
    )


def write(frame, target):
    frame.sink_parquet(target, compression="zstd", compression_level=3, statistics=False)


def main_jobs(year):
    day = pl.date(year, 10, 1)
    jobs = (
        pl.scan_parquet(out / f"jobs_{year}.parquet")
        .filter(
            pl.col("RINPERSOONS") == "R",
            day.is_between(pl.col("SDATUMAANVANGIKO"), pl.col("SDATUMEINDEIKO")),
        )
        .with_columns(person_id=pl.col("RINPERSOONS") + pl.col("RINPERSOON"))
        .group_by("person_id", "IKVID", "SBEID")
        .agg(
            wage_eur=pl.col("SBASISLOON").sum(), wages=pl.col("SBASISLOON").count(),
            hours=pl.col("SBASISUREN").sum(), worked=pl.col("SBASISUREN").count(),
        )
        .with_columns(
            wage_eur=pl.when(pl.col("wages") > 0).then("wage_eur"),
            hours=pl.when(pl.col("worked") > 0).then("hours"),
        )
        .sort(
            ["wage_eur", "hours", "IKVID", "SBEID"],
            descending=[True, True, False, False], nulls_last=True,
        )
        .group_by("person_id", maintain_order=True)
        .agg(employer_id=pl.col("SBEID").first(), wage_eur=pl.col("wage_eur").first())
    )
    employers = pl.scan_parquet(out / f"employers_{year}.parquet")
    return jobs.join(employers, left_on="employer_id", right_on="BEID", how="left").select(
        "person_id", "employer_id", "wage_eur", sector_code=pl.col("SBI2008V").str.slice(0, 2)
    )


def transitions(year, this_year, next_year):
    employer, sector = pl.col("employer_id"), pl.col("sector_code")
    is_same_employer = employer == pl.col("employer_id_next")
    is_same_sector = sector == pl.col("sector_code_next")
    return (
        this_year.lazy()
        .join(
            next_year.lazy().with_columns(has_job=pl.lit(True)),
            on="person_id", how="left", suffix="_next",
        )
        .group_by(
            from_sector_code=sector.fill_null("unknown"),
            transition_code=pl.when(pl.col("has_job").is_null()).then(pl.lit("no_job"))
            .when(is_same_employer).then(pl.lit("same_employer"))
            .when(is_same_sector).then(pl.lit("other_employer_same_sector"))
            .otherwise(pl.lit("other_sector")),
        )
        .agg(person_count=pl.len(), from_wage_eur=pl.col("wage_eur").sum())
        .select(pl.lit(year).alias("from_year"), pl.all())
    )


out.mkdir(parents=True, exist_ok=True)
for year in years:
    jobs = read(newest(f"SPOLISBUS/{year}", f"SPOLISBUS{year}V*.csv"), JOB_COLUMNS)
    days = [
        pl.when(~pl.col(name).is_in(NO_DAY)).then(name).str.to_date("%Y%m%d").alias(name)
        for name in DATES
    ]
    write(jobs.drop("SVAKBIJDRAGE").with_columns(days), out / f"jobs_{year}.parquet")
    employers = read(newest("BETAB", f"BE{year}TABV*.csv"), EMPLOYER_COLUMNS)
    is_known = pl.col("SBI2008V") != "-----"
    sectors = employers.select("BEID", pl.when(is_known).then("SBI2008V").alias("SBI2008V"))
    write(sectors, out / f"employers_{year}.parquet")
years_of_jobs = {year: main_jobs(year).collect(engine="streaming") for year in years}
pairs = [
    transitions(year, years_of_jobs[year], years_of_jobs[year + 1]) for year in years[:-1]
]
table = pl.concat(pairs).collect(engine="streaming")
table.sort("from_year", "from_sector_code", "transition_code").write_csv(out / "transitions.csv")
