#!/usr/bin/env python3
"""The most memory that the study techniek holds under several limits.

    benches/peaks.py [--persons 200000] [--limits 256,512,1024,2048] [--threads 1,2] [--folder DIR]

Needs `cargo build --release`. Invents raw files once; then each limit (MiB)
with each number of threads ingests them and makes the models and the release,
from nothing. Prints the greatest peak of the whole process, as the operating
system accounts for it, and how the run ended.
"""

import argparse
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

HONKVAST = Path(__file__).resolve().parent.parent / "target/release/honkvast"


def numbers(text):
    return [int(number) for number in text.split(",")]


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--persons", type=int, default=200_000)
    parser.add_argument("--limits", type=numbers, default=[256, 512, 1024, 2048])
    parser.add_argument("--threads", type=numbers, default=[1, 2])
    parser.add_argument("--folder", type=Path, help="where raw files and results lie")
    return parser.parse_args()


def measured(command, log):
    """Peak in MB, wall and CPU seconds and exit code of one whole process."""
    start = time.monotonic()
    with open(log, "w") as stderr:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=stderr)
        _, status, usage = os.wait4(process.pid, 0)
    wall = time.monotonic() - start
    cpu = usage.ru_utime + usage.ru_stime
    return usage.ru_maxrss * 1024 / 1e6, wall, cpu, os.waitstatus_to_exitcode(status)


def main():
    asked = arguments()
    folder = asked.folder or Path(tempfile.mkdtemp())
    raw = folder / "raw"
    if not raw.exists():
        synth = [HONKVAST, "synth", "--persons", str(asked.persons), "--seed", "3", "--out", raw]
        subprocess.run(synth, check=True, stdout=subprocess.DEVNULL)
    print("| limit MiB (MB) | threads | ingest MB | models MB | wall s | CPU s | made alone | end |")
    print("|---|---|---|---|---|---|---|---|")
    for limit in asked.limits:
        for threads in asked.threads:
            for place in ["lake", "release"]:
                shutil.rmtree(folder / place, ignore_errors=True)
            command = [
                HONKVAST, "-p", "techniek", "--raw", raw, "--lake", folder / "lake",
                "--release", folder / "release", "--threads", str(threads),
                "--memory", f"{limit}MiB", "run",
            ]
            log = folder / "log.txt"
            ingest, *_ = measured([*command, "ingest"], log)
            models, wall, cpu, code = measured(command, log)
            said = log.read_text()
            alone = said.count("it is made again alone")
            errors = [line for line in said.splitlines() if line.startswith("error: ")]
            end = errors[0] if errors else f"exit code {code}"
            print(
                f"| {limit} ({limit * 2**20 / 1e6:.0f}) | {threads} | {ingest:.0f} | {models:.0f} "
                f"| {wall:.1f} | {cpu:.1f} | {alone} | {end} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
