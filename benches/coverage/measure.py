#!/usr/bin/env python3
"""Counts how often the intervals of the survey hold what a census would find.

    benches/coverage/measure.py [--seeds 200] [--persons 12000] [--folder DIR]

Needs `cargo build --release`. For each seed it invents files of three years, runs
the study `techniek` on them up to the intervals of the survey, and compares five
statements, all years pooled, with the census that lies in
`truth/survey_population.csv` and `truth/education_match.csv`, by the technical sectors
of the run itself: T2 (technicians among the employees of technical sectors), the
difference of T4, T5, T6 (of who left the cell) and T10 (of the technically educated
in work, all levels); and T2 by the technical sectors of the census as well.
Twice: without hazards, where who answers again is chance; and where who changes
employer answers less often, with a quarter of the seeds. Prints, for each statement,
how many intervals hold the census's value, the mean of estimate less census with its
standard error, and the same without the factors of attrition.
"""

import argparse
import csv
import io
import math
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HOME = Path(__file__).resolve().parent.parent.parent
HONKVAST = HOME / "target/release/honkvast"
YEARS = "2016..2018"
SCENES = {
    "none": "who answers again is chance",
    "selective_attrition": "who changes employer answers again less often",
}
CELLS = {
    "T2": ("workforce", "employees technical technical"),
    "T4 technical": ("switches_by_function", "corrected technical technical 15-74"),
    "T4 other": ("switches_by_function", "corrected technical other 15-74"),
    "T5": ("retention", "employees as_coded 15-74"),
    "T6": ("leaver_destinations", "left_the_cell as_coded other_function"),
    "T10": ("education_match", "isced07 all in_work"),
}
STATEMENTS = ["T2", "T2, sectors of the census", "T4 difference", "T5", "T6", "T10"]
BASE_YEARS = {"2016", "2017"}
THRESHOLD = 0.40
# Of 200 intervals that hold the value with a probability of 95 to 96 percent, as
# many do but for 3 in 1,000; for T6, whose base is small, the lower bound alone.
EXPECTED = {name: (181, 198) for name in ["T2", "T4 difference", "T5", "T10"]}
EXPECTED["T6"] = (181, 200)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=200)
    parser.add_argument("--persons", type=int, default=12_000)
    parser.add_argument("--folder", type=Path, help="where files lie while they are needed")
    return parser.parse_args()


def memory():
    """A folder in memory, where there is one."""
    shared = Path("/dev/shm")
    return shared if os.access(shared, os.W_OK) else None


def ran(*command):
    result = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if result.returncode:
        sys.exit(f"{' '.join(map(str, command))}\n{result.stderr}")
    return result.stdout


def share(rows, is_outcome):
    """The share of a condition, of the rows for which it is known."""
    counts = {True: 0, False: 0}
    for row in rows:
        outcome = is_outcome(row)
        if outcome is not None:
            counts[outcome] += int(row["person_count"])
    return counts[True] / (counts[True] + counts[False])


def both(one, other):
    """True if both are, false if either is, else not known."""
    if one is False or other is False:
        return False
    return True if one and other else None


def flag(text):
    return {"1": True, "0": False, "": None}[text]


def technical_share(rows):
    return share(rows, lambda row: flag(row["is_technical"]))


def technical_sectors(rows):
    """The sectors that a census would call technical."""
    by_sector = defaultdict(list)
    for row in rows:
        if row["year"] in BASE_YEARS and row["is_technical"]:
            by_sector[row["sector_code"]].append(row)
    by_sector.pop("unknown", None)
    return {code for code, own in by_sector.items() if technical_share(own) > THRESHOLD}


def without_technical_function(raw):
    """T10, of everybody asked or not: of the technically educated who work."""
    with open(raw / "truth/education_match.csv", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["position_code"] == "1"]
    educated = [row for row in rows if row["education_field_code"].startswith("07")]
    return share(educated, lambda row: row["is_technical"] == "0")


def census(raw, technical):
    """What the statements are, of everybody asked or not."""
    with open(raw / "truth/survey_population.csv", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["work_code"] == "employee"]
    own_list = technical_sectors(rows)
    inside = [row for row in rows if row["sector_code"] in technical]
    pairs = [row for row in inside if row["scope_code"] == "in_scope"]
    technicians = [row for row in pairs if row["is_technical"] == "1"]
    others = [row for row in pairs if row["is_technical"] == "0"]

    def in_technical_sector(row):
        sector = row["to_sector_code"]
        return None if sector == "unknown" else sector in technical

    def stays(row):
        if row["to_work_code"] != "employee":
            return None if row["to_work_code"] == "unknown" else False
        return both(flag(row["to_is_technical"]), in_technical_sector(row))

    def goes_to_other_function(row):
        if row["to_work_code"] != "employee":
            return False
        if row["to_is_technical"] == "" or in_technical_sector(row) is None:
            return None
        return row["to_is_technical"] == "0"

    def switches(row):
        same = flag(row["is_same_employer"])
        return None if same is None else not same

    leavers = [row for row in technicians if stays(row) is False]
    return {
        "T2": technical_share(inside),
        "T2, sectors of the census": technical_share(
            row for row in rows if row["sector_code"] in own_list
        ),
        "T4 difference": share(others, switches) - share(technicians, switches),
        "T5": share(technicians, stays),
        "T6": share(leavers, goes_to_other_function),
        "T10": without_technical_function(raw),
    }


def estimates(rows):
    """Value, bounds and value without the factors, of each statement."""
    found = {}
    for name, (estimate, cell) in CELLS.items():
        row = next(row for row in rows if (row["estimate"], row["cell"]) == (estimate, cell))
        columns = ["share", "share_low", "share_high", "first_share"]
        found[name] = [float(row[column]) for column in columns]
    (p, p_low, p_high, _), (q, q_low, q_high, _) = found["T4 other"], found["T4 technical"]
    low = p - q - math.hypot(p - p_low, q_high - q)
    high = p - q + math.hypot(p_high - p, q - q_low)
    found["T4 difference"] = [p - q, low, high, p - q]
    found["T2, sectors of the census"] = found["T2"]
    return {name: found[name] for name in STATEMENTS}


def write_study(folder):
    """The study as it ships, of fewer years."""
    for name in ["pipelines", "sql"]:
        shutil.copytree(HOME / name, folder / name, dirs_exist_ok=True)
    study = folder / "pipelines/techniek.toml"
    text = study.read_text()
    assert "\"2016..2019\"" in text
    study.write_text(text.replace("\"2016..2019\"", f"\"{YEARS}\""))


def one_seed(folder, persons, hazards, seed):
    place = folder / f"{hazards}-{seed}"
    shutil.rmtree(place, ignore_errors=True)
    raw = place / "raw"
    options = ["--persons", persons, "--years", YEARS, "--seed", seed, "--hazards", hazards]
    ran(HONKVAST, "synth", *options, "--out", raw)
    study = [HONKVAST, "-p", folder / "pipelines/techniek.toml"]
    study += ["--raw", raw, "--lake", place / "lake"]
    study += ["--release", place / "release"]
    ran(*study, "run", "core.survey_intervals", "--threads", 1)
    asked = "select * from core.survey_intervals where period like '%..%'"
    rows = list(csv.DictReader(io.StringIO(ran(*study, "sql", asked, "--format", "csv"))))
    asked = "select sector_code from core.technical_sectors where is_technical"
    technical = set(ran(*study, "sql", asked, "--format", "csv").split()[1:])
    result = (estimates(rows), census(raw, technical))
    shutil.rmtree(place)
    return result


def told(results, name, expected):
    """A line of the table, and whether it is as it should be."""
    own = [(found[name], truth[name]) for found, truth in results]
    held = sum(low <= value <= high for (_, low, high, _), value in own)

    def mean_error(place):
        errors = [found[place] - value for found, value in own]
        return statistics.mean(errors), statistics.stdev(errors) / math.sqrt(len(errors))

    (error, standard), (first, first_standard) = mean_error(0), mean_error(3)
    value = statistics.mean(value for _, value in own)
    line = (
        f"| {name} | {held} of {len(own)} | {expected} | {value:.4f} "
        f"| {error:+.4f} ({standard:.4f}) | {first:+.4f} ({first_standard:.4f}) |"
    )
    return line, held, (error, standard), (first, first_standard)


def measure(hazards, folder, options):
    """Prints the table of a scene; what is not as it should be."""
    count = options.seeds if hazards == "none" else max(options.seeds // 4, 2)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        seeds = range(1, count + 1)
        results = list(
            pool.map(lambda seed: one_seed(folder, options.persons, hazards, seed), seeds)
        )
    words = SCENES[hazards]
    print(f"\n{words} (`--hazards {hazards}`), {count} seeds × {options.persons} persons\n")
    print("| statement | intervals that hold | expected | census | error (s.e.) | unadjusted |")
    print("|---|---|---|---|---|---|")
    is_full = hazards == "none" and count == 200
    for name in STATEMENTS:
        low, high = EXPECTED.get(name, (0, count)) if is_full else (0, count)
        expected = f"{low} to {high}" if is_full and name in EXPECTED else ""
        line, held, error, first = told(results, name, expected)
        print(line, flush=True)
        if not low <= held <= high:
            yield f"{name}: {held} intervals hold"
        if hazards != "none" and name == "T5":
            if abs(error[0]) > 2 * error[1]:
                yield "T5: the mean is off by more than two standard errors"
            if abs(first[0]) <= 2 * first[1]:
                yield "T5: without factors the mean would be as good"


def main():
    options = arguments()
    with tempfile.TemporaryDirectory(prefix="honkvast-coverage-", dir=memory()) as own:
        folder = options.folder or Path(own)
        write_study(folder)
        failures = [line for hazards in SCENES for line in measure(hazards, folder, options)]
    if failures:
        sys.exit("\n".join(failures))


if __name__ == "__main__":
    main()
