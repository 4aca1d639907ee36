"""Does the R of docs/r.md print what docs/r.md says? Needs R with jsonlite.

    python scripts/from_r.py [--write]

Runs the first block of R with ``tertius`` on the path, and compares what it prints with the block below it; ``--write``
puts it there. Exits with 1 where it differs.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from pathlib import Path

PAGE = Path(__file__).resolve().parents[1] / "docs" / "r.md"
PRINTED = re.compile(r"(It prints:\n\n```\n)(.*?)(\n```)", re.DOTALL)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    text = PAGE.read_text("utf-8")
    code = re.findall(r"```r\n(.*?)```", text, flags=re.DOTALL)[0]
    ran = subprocess.run(["Rscript", "--vanilla", "-"], input=code, capture_output=True, text=True, check=False)
    if ran.returncode:
        sys.exit(ran.stderr)
    printed = "\n".join(line.rstrip() for line in ran.stdout.rstrip().splitlines())
    if options.write:
        PAGE.write_text(PRINTED.sub(lambda m: m[1] + printed + m[3], text), "utf-8")
    else:
        found = PRINTED.search(text)
        assert found is not None
        sys.exit(0 if found[2] == printed else f"docs/r.md says something else than:\n{printed}")


if __name__ == "__main__":
    main()
