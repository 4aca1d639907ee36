"""Make what README shows of the atlas, by one command: the demo's text, the table of third parties, the two pictures.

    python scripts/readme.py [--check]

README keeps what is made between lines ``<!-- demo -->`` or ``<!-- parts -->`` and ``<!-- end -->``. ``--check`` writes
nothing, and exits with 1 where README says something else. Needs the package tertius-atlas.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

import tertius
from tertius.answers.explanation import Explanation
from tertius.plain import number
from tertius.report.pages import summary
from tertius.report.words import in_text, interval
from tertius.study import demo

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"
LAST = "6c It holds"
"""How the last line of the demo begins that README shows."""
PARTS = 3
PICTURES = {"profile": "rus-prk-profile.png", "pair-over-time": "rus-prk.png"}


def shown(text: str) -> str:
    """The beginning of what ``tertius demo`` prints, as README shows it."""
    lines = [line.rstrip() for line in text.splitlines()]
    end = next(n for n, line in enumerate(lines) if line.startswith(LAST))
    return "\n".join(["```", "$ tertius demo", *lines[: end + 1], "...", "```"])


def parts(answer: Explanation) -> str:
    """The largest parts of third parties, as README's table."""
    a = answer.attribution
    lines = [(in_text(t.actor).removeprefix("the "), t.events, t.events_low, t.events_high) for t in a.third_parties]
    lines = [*lines[:PARTS], ("all together", a.total.events, a.total.low, a.total.high)]
    rows = [f"| {who} | {number(x)} | {interval(low, high)} |" for who, x, low, high in lines]
    return "\n".join(["| third party | weight that hangs on it | 95 % interval |", "|---|---:|---:|", *rows])


def with_parts(readme: str, made: dict[str, str]) -> str:
    """README with what was made in its places."""
    for name, text in made.items():
        pattern = rf"(<!-- {name} -->\n).*?(<!-- end -->)"
        readme, n = re.subn(pattern, lambda m, text=text: f"{m[1]}{text}\n{m[2]}", readme, flags=re.DOTALL)
        assert n == 1, name
    return readme


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    found = demo(progress=lambda line: print(line, file=sys.stderr))
    if found.instead:
        sys.exit(found.instead)
    answer = found.explanation
    made = {"demo": shown(summary(found)), "parts": parts(answer)}
    before = README.read_text("utf-8")
    after = with_parts(before, made)
    if options.check:
        sys.exit(0 if before == after else "README shows other figures: run scripts/readme.py.")
    README.write_text(after, "utf-8")
    charts = tertius.charts_of(answer)
    for name, file in PICTURES.items():
        charts[name].properties(width=760).save(ROOT / "docs" / file, scale_factor=2)


if __name__ == "__main__":
    main()
