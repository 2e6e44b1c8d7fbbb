#!/usr/bin/env python3
"""Runs the same job in honkvast, DuckDB and Polars in turn and compares them.

    benches/end_to_end/measure.py [--persons 300000] [--rounds 5] [--folder DIR]

Needs `cargo build --release` and, for the Python that runs it, duckdb and
polars. After a warm-up each round runs the three in turn, each from nothing:
raw CSV to typed Parquet, main jobs, transitions, table. Their tables must be
equal cell by cell. Prints medians of whole processes as the operating system
accounts for them, and the ratios of honkvast's medians to the others'.
"""

import argparse
import csv
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from processes import measured  # noqa: E402

HONKVAST = HERE.parent.parent / "target/release/honkvast"
MEMORY = "1GiB"


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--persons", type=int, default=300_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--folder", type=Path, help="where raw files and results lie")
    return parser.parse_args()


def commands(raw, out):
    honkvast = [
        HONKVAST, "-p", HERE / "pipelines/mobility.toml", "--raw", raw, "--memory", MEMORY,
        "--lake", out / "honkvast/lake", "--release", out / "honkvast/release", "run",
    ]
    return {
        "honkvast": (honkvast, out / "honkvast/release/current/transitions.csv"),
        "DuckDB": (
            [sys.executable, HERE / "duckdb_job.py", raw, out / "DuckDB", MEMORY],
            out / "DuckDB/transitions.csv",
        ),
        "Polars": (
            [sys.executable, HERE / "polars_job.py", raw, out / "Polars"],
            out / "Polars/transitions.csv",
        ),
    }


def cells(table):
    with open(table, newline="") as file:
        return list(csv.reader(file))


def run_round(jobs, out):
    results = {}
    for tool, (command, _) in jobs.items():
        shutil.rmtree(out / tool, ignore_errors=True)
        (out / tool).mkdir(parents=True)
        results[tool] = measured(command)
    tables = {tool: cells(table) for tool, (_, table) in jobs.items()}
    for tool, table in tables.items():
        if len(table) < 2 or table != tables["honkvast"]:
            sys.exit(f"the table of {tool} differs from honkvast's")
    return results


def report(rounds, unchanged):
    print(f"| tool | wall s (min–max) | CPU s (min–max) | peak MB |\n|---|---|---|---|")
    medians = {}
    for tool in rounds[0]:
        wall, cpu, peak = (sorted(values) for values in zip(*(r[tool] for r in rounds)))
        medians[tool] = (statistics.median(wall), statistics.median(cpu))
        print(
            f"| {tool} | {medians[tool][0]:.2f} ({wall[0]:.2f}–{wall[-1]:.2f}) "
            f"| {medians[tool][1]:.2f} ({cpu[0]:.2f}–{cpu[-1]:.2f}) | {peak[-1]:.0f} |"
        )
    wall, cpu, peak = unchanged
    print(f"| honkvast, nothing changed | {wall:.2f} | {cpu:.2f} | {peak:.0f} |\n")
    for tool in [tool for tool in medians if tool != "honkvast"]:
        ratios = [own / other for own, other in zip(medians["honkvast"], medians[tool])]
        print(f"honkvast / {tool}: wall {ratios[0]:.2f}, CPU {ratios[1]:.2f}")


def versions():
    import duckdb
    import polars

    own = subprocess.run([HONKVAST, "--version"], capture_output=True, text=True, check=True)
    print(
        f"{own.stdout.strip()}, DuckDB {duckdb.__version__}, Polars {polars.__version__}, "
        f"Python {platform.python_version()}, {os.cpu_count()} cores"
    )


def main():
    options = arguments()
    folder = options.folder or Path(tempfile.mkdtemp(prefix="honkvast-bench-"))
    raw, out = folder / "raw", folder / "out"
    versions()
    if not raw.exists():
        synth = [HONKVAST, "synth", "--hazards", "none", "--persons", options.persons, "--out", raw]
        wall, cpu, peak = measured(synth)
        size = sum(path.stat().st_size for path in raw.rglob("*.csv")) / 1e6
        print(f"synth: {size:.0f} MB in {wall:.2f} s, CPU {cpu:.2f} s, peak {peak:.0f} MB")
    jobs = commands(raw, out)
    run_round(jobs, out)
    rounds = [run_round(jobs, out) for _ in range(options.rounds)]
    unchanged = measured(jobs["honkvast"][0])
    print(f"{options.persons} persons, {options.rounds} rounds; the tables are equal\n")
    report(rounds, unchanged)


if __name__ == "__main__":
    main()
