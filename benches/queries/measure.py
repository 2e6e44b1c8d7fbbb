#!/usr/bin/env python3
"""Times three named queries of `techniek` beside the same in DuckDB.

    benches/queries/measure.py [--persons 200000] [--rounds 5] [--folder DIR]

Needs `cargo build --release` and, for the Python that runs it, duckdb. Invents
files and runs the study on them once. Then each round makes main jobs, links of
employers (with the moves and the evidence behind them) and transitions of all
years again, by honkvast and by DuckDB in turn, each from the same Parquet of the
lake to Parquet; both must give the same rows. Prints medians of whole processes
as the operating system accounts for them, and their ratios.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import duckdb

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from processes import measured  # noqa: E402

HONKVAST = HERE.parent.parent / "target/release/honkvast"
QUERIES = {
    "main_jobs": ["core.main_jobs"],
    "employer_links": ["core.employer_moves", "core.employer_evidence", "core.employer_links"],
    "transitions": ["core.transitions"],
}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--persons", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--folder", type=Path, help="where raw files and results lie")
    return parser.parse_args()


def assert_same_rows(name, own, other):
    columns = [row[0] for row in duckdb.sql(f"describe select * from '{other}'").fetchall()]
    columns = ", ".join(columns)
    own, other = f"select {columns} from {own}", f"select {columns} from '{other}'"
    differing = duckdb.sql(
        f"select count(*) from (({own} except all {other}) union all ({other} except all {own}))"
    ).fetchall()[0][0]
    rows = duckdb.sql(f"select count(*) from ({own})").fetchall()[0][0]
    if differing or not rows:
        sys.exit(f"{name}: {differing} rows differ, of {rows}")


def main():
    options = arguments()
    folder = options.folder or Path(tempfile.mkdtemp(prefix="honkvast-bench-"))
    raw, lake = folder / "raw", folder / "lake"
    base = ["--raw", raw, "--lake", lake, "--release", folder / "release"]
    if not raw.exists():
        measured([HONKVAST, "synth", "--persons", options.persons, "--seed", "3", "--out", raw])
    measured([HONKVAST, "run", *base])
    times = {}
    for round_number in range(options.rounds + 1):
        for name, tables in QUERIES.items():
            out = folder / "duckdb" / name
            shutil.rmtree(out, ignore_errors=True)
            own = measured([HONKVAST, "run", *base, "--only", "--force", *tables])[:2]
            peer = [sys.executable, HERE / "duckdb_query.py", lake / "current", out, name]
            other = measured(peer)[:2]
            table = f"read_parquet('{lake}/current/core/{name}/*/*.parquet')"
            assert_same_rows(name, table, f"{out}/*.parquet")
            # The first round warms up.
            if round_number:
                times.setdefault(name, []).append((own, other))
    own = subprocess.run([HONKVAST, "--version"], capture_output=True, text=True, check=True)
    print(f"{own.stdout.strip()}, DuckDB {duckdb.__version__}, {os.cpu_count()} cores")
    print(f"{options.persons} persons, {options.rounds} rounds; the rows are equal\n")
    print("| query | honkvast wall, CPU s | DuckDB wall, CPU s | ratio wall | ratio CPU |")
    print("|---|---|---|---|---|")
    for name, rounds in times.items():
        medians = [
            statistics.median(pair[tool][kind] for pair in rounds)
            for tool in range(2)
            for kind in range(2)
        ]
        wall, cpu, peer_wall, peer_cpu = medians
        print(
            f"| {name} | {wall:.2f}, {cpu:.2f} | {peer_wall:.2f}, {peer_cpu:.2f} "
            f"| {wall / peer_wall:.2f} | {cpu / peer_cpu:.2f} |"
        )


if __name__ == "__main__":
    main()
