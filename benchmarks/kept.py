"""A second command on the same data: seconds of explain where the fit is kept, against a first.

    python benchmarks/kept.py STORE A-B C-D

Uses a cache folder of its own, which it removes again.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time


def main() -> None:
    """Print the seconds of each command."""
    store, *pairs = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        where = {**os.environ, "XDG_CACHE_HOME": folder, "LOCALAPPDATA": folder, "TERTIUS_CACHE": "on"}
        for pair in pairs:
            command = [sys.executable, "-m", "tertius.cli", "explain", *pair.split("-"), store, "-q"]
            began, before = time.perf_counter(), os.times()
            subprocess.run([*command, "--permutations", "0"], env=where, check=True, stdout=subprocess.DEVNULL)
            wall, after = time.perf_counter() - began, os.times()
            cpu = after.children_user + after.children_system - before.children_user - before.children_system
            print(f"explain {pair}: {wall:.1f} s, {cpu:.1f} CPU seconds")


if __name__ == "__main__":
    main()
