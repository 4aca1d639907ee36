"""Do answers from the atlas equal those from the daily data that it is made of? Prints every difference.

    python scripts/atlas_against_days.py STORE [--pair RUS PRK] [--permutations 0] [--ladder]

STORE: ``tertius import dyads weights.parquet --missing missing_days.csv --into STORE`` of gdelt_dyad_day. Of both: all
within-pair coefficients with the largest difference in standard errors, the certificate's conditions, verdict, rise,
expected outcome and parts of third parties; then what only one of them has. Exits with 1 where a coefficient differs by
more than :data:`ENOUGH` standard errors, or a condition or the verdict differs. Needs the package tertius-atlas.
"""

from __future__ import annotations

import argparse
import os
import sys

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import tertius
from tertius.answers.explanation import Explanation
from tertius.plain import number
from tertius.report.pages import document_of

ENOUGH = 1e-2
"""Standard errors."""


def differences(days: Explanation, months: Explanation) -> bool:
    """Print both side by side; whether they say the same."""
    same = True
    print(f"{'coefficient':<24}{'by day':>12}{'by month':>12}{'se':>12}  difference in se")
    for a, b in zip(days.fit.coefficients, months.fit.coefficients, strict=True):
        apart = abs(a.estimate - b.estimate) / a.se_jackknife
        same &= a.term == b.term and apart <= ENOUGH
        print(f"{a.term:<24}{a.estimate:>12.6f}{b.estimate:>12.6f}{a.se_jackknife:>12.6f}  {apart:.1e}")
    assert days.certificate is not None
    assert months.certificate is not None
    print(f"{'condition':<24}{'by day':>12}{'by month':>12}  holds")
    for name, one in days.certificate.statistics.items():
        other = months.certificate.statistics[name]
        same &= one.passed == other.passed
        print(f"{name:<24}{one.statistic:>12.4f}{other.statistic:>12.4f}  {one.passed}, {other.passed}")
    pair, other_pair = days.certificate.pair, months.certificate.pair
    assert pair is not None
    assert other_pair is not None
    same &= (pair.passed, days.verdict) == (other_pair.passed, months.verdict)
    print(f"the pair's own: {pair.passed}, {other_pair.passed}; verdict: {days.verdict}, {months.verdict}")
    for what, x, y in (
        ("bound", days.certificate.bound, months.certificate.bound),
        ("rise", days.attribution.rise.ratio, months.attribution.rise.ratio),
        ("observed", days.attribution.observed, months.attribution.observed),
        ("expected", days.attribution.expected, months.attribution.expected),
        ("all third parties", days.attribution.total.events, months.attribution.total.events),
    ):
        print(f"{what:<24}{number(x):>12}{number(y):>12}  {abs(x - y) / abs(x):.1e} of it")
    parts = {t.actor: t.events for t in days.attribution.third_parties}
    apart = max(abs(t.events - parts[t.actor]) for t in months.attribution.third_parties)
    print(f"largest difference of a third party's part: {number(apart)} of {number(days.attribution.expected)}")
    return same


def only_in_one(days: Explanation, months: Explanation) -> None:
    """Print what only one of them says: caveats, headings, landmarks, rows, and the texts of the ladder's rungs."""
    for what, of in (("caveat", lambda e: set(e.caveats)), ("heading", lambda e: set(_titles(e)))):
        for name, one, other in (("by day", days, months), ("by month", months, days)):
            for text in sorted(of(one) - of(other)):
                print(f"{what} only {name}: {text}")
    for name, e in (("by day", days), ("by month", months)):
        marks = ", ".join(f"{m.date} {number(m.size)}" for m in e.landmarks)
        print(f"{name}: {len(e.events):,} rows in the window; landmarks: {marks}")
        for rung in e.fit.ladder or ():
            print(f"  {name}, rung {rung.rung} {rung.name}: {rung.status}. {rung.text}")


def _titles(e: Explanation) -> list[str]:
    return [section.title for section in document_of(e).sections if section.title]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("store")
    parser.add_argument("--pair", nargs=2, default=["RUS", "PRK"])
    parser.add_argument("--permutations", type=int, default=0)
    parser.add_argument("--ladder", action="store_true")
    options = parser.parse_args()
    found = []
    for data in (options.store, "atlas"):
        answer = tertius.explain(*options.pair, data, permutations=options.permutations, ladder=options.ladder)
        assert isinstance(answer, Explanation)
        found.append(answer)
    same = differences(*found)
    only_in_one(*found)
    print("the same" if same else "NOT the same")
    sys.exit(0 if same else 1)


if __name__ == "__main__":
    main()
