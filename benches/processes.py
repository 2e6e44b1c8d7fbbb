"""Whole processes as the operating system accounts for them."""

import os
import subprocess
import sys
import time


def measured(command):
    """Wall and CPU seconds and peak memory in MB of one whole process."""
    start = time.monotonic()
    process = subprocess.Popen(
        [str(part) for part in command], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    text = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.monotonic() - start
    if status != 0:
        sys.exit(f"{command[0]} failed:\n{text.decode()}")
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1000
