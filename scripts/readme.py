"""Make what README shows of the atlas, by one command: the demo's text, the table of third parties, the two pictures.

How often the certificate is right, which README says too, comes from the first table of ``docs/certificate.md``.

    python scripts/readme.py [--check]

README keeps what is made between lines ``<!-- demo -->`` or ``<!-- parts -->`` and ``<!-- end -->``. ``--check`` writes
nothing, and exits with 1 where README says something else. Needs the package tertius-atlas.
"""

from __future__ import annotations

import argparse
import re
import sys
import textwrap
from pathlib import Path

import tertius
from tertius.answers.explanation import Explanation
from tertius.plain import number
from tertius.report.pages import summary
from tertius.report.words import in_text, interval
from tertius.study import demo

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"
CERTIFICATE = ROOT / "docs" / "certificate.md"
LAST = "6c It holds"
"""How the last line of the demo begins that README shows."""
PARTS = 3
OFTEN = 5.0
"""Per cent: a false claim that passes more often is named."""
FALSE = {
    "story_echo": "one story coded as both, told again for months, where documents are not known",
    "announced": "a treaty that is announced first",
}
"""Such claims, in words."""
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


def promise(text: str) -> str:
    """How often the certificate is right, in sentences, from the first table of ``docs/certificate.md``."""
    table = text.split("## How often it is right")[1].split("```")[1]
    line = re.compile(r"^(\w+) +(true|false) +(\S.*?) {2,}([\d.]+) +([\d.]+) +(\d+)\b", re.MULTILINE)
    rows = [(claim, world, float(passes), error, n) for _, claim, world, passes, error, n in line.findall(table)]
    assert len(rows) == len(table.strip().splitlines()) - 1, "a line of the table was not understood"
    rates = {(c, w): [] for c, w, *_ in rows}
    for claim, world, passes, error, n in rows:
        rates[claim, world].append((passes, f"{passes:.0f} % (standard error {error}, {n} worlds)"))
    one, other = (said for _, said in rates["true", "planted 0.4"])
    most = max(x for (claim, _), of in rates.items() if claim == "false" for x in of if x[0] <= OFTEN)
    often = [(w, max(of)[1]) for (claim, w), of in rates.items() if claim == "false" and max(of)[0] > OFTEN]
    said = "".join(f", but {FALSE[world]}: {rate}" for world, rate in often)
    lines = (
        "In simulated worlds of directed data, 60 actors and 60 months, a true effect of .40 log points per standard "
        f"deviation passes in {one} by the one generator and in {other} by the other. False claims of each kind that "
        f"was run pass in {most[1]} or fewer{said}. By world, and of undirected data: `docs/certificate.md`."
    )
    return textwrap.fill(lines, 128, break_long_words=False, break_on_hyphens=False)


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
    rates = promise(CERTIFICATE.read_text("utf-8"))
    made = {"demo": shown(summary(found)), "parts": parts(answer), "promise": rates}
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
