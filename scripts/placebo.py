"""Pairs and windows drawn at random from GDELT's net dyads: how many does the certificate pass?

    python scripts/placebo.py --shared DIR [--store STORE] [--spans 10] [--pairs 10] [--seed 1] [--legs sqrt]

DIR is the folder that holds ``data/gdelt_dyad_day``; ``--store`` takes a store made of it before
(``tertius import dyads weights.parquet --missing missing_days.csv --into STORE``). By month. A **span** of the data is
drawn first, 36 months to all of them, anywhere; then, within it, pairs with some cooperation in the span, each with a
**window** of 6 to 24 months and a **reference** of equal length just before it, both inside the span. Nobody asked
about these pairs for a reason, and behind most of them no third party is to be expected: a rule that passes many
passes anything.

Conditions 1 to 5 are the same for all pairs of a span (they are of the whole network): the certificate is run once a
span. Of condition 6, the pair's own two parts (its cooperation rose; hostility towards both had risen before) are
asked of every pair, with all third parties together. Its third part, a refit without the pair, is only asked where all
others hold: elsewhere it can change nothing.

Spans overlap, so that all conditions but the pair's are asked fewer than ``--spans`` times in effect: the interval of
"all" by Clopper & Pearson (1934), which takes pairs as independent, is too short if the conditions of spans differ. The
share "the pair's own facts" is what would pass if the others, and the refit, always held: an upper bound.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import nan
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from scipy.stats import beta

from tertius.answers.certificate import Certificate, PairQuestion, certify
from tertius.answers.certificate.models import by_period
from tertius.answers.certificate.pair import pair_facts
from tertius.answers.certificate.rule import RULES, STRICT
from tertius.errors import TertiusError
from tertius.events.data import EventData
from tertius.events.slices import Bools, DyadSlices, Floats
from tertius.sources.importing import import_files
from tertius.sources.loading import load
from tertius.spec import DEFAULT_RESPONSE, DEFAULT_SEED, ModelSpec

SHORTEST_SPAN = 36
SHORTEST_WINDOW, LONGEST_WINDOW = 6, 24
CONDITIONS = (*RULES[STRICT], "attention")


@dataclass(frozen=True, slots=True)
class Placebo:
    """One pair. ``facts``: it rose, and hostility had risen before; ``passed``: all conditions."""

    span: int
    names: tuple[str, str]
    window: tuple[int, int]
    rose: bool
    earlier: bool
    passed: bool

    @property
    def facts(self) -> bool:
        """The pair's own two parts of condition 6."""
        return self.rose and self.earlier


def draw_span(rng: np.random.Generator, months: int, shortest: int = SHORTEST_SPAN) -> tuple[int, int]:
    """First month and number of months of a span of data.

    >>> draw_span(np.random.default_rng(1), 40, 40)
    (0, 40)
    """
    length = int(rng.integers(min(shortest, months), months + 1))
    return int(rng.integers(0, months - length + 1)), length


def draw_window(rng: np.random.Generator, months: int, observed: Bools) -> tuple[Bools, Bools]:
    """A window and the reference just before it, each with a period observed.

    >>> window, reference = draw_window(np.random.default_rng(1), 12, np.ones(12, dtype=bool))
    >>> window.astype(int).tolist(), reference.astype(int).tolist()
    ([0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1], [1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0])
    """
    at = np.arange(months)
    while True:
        length = int(rng.integers(SHORTEST_WINDOW, min(LONGEST_WINDOW, months // 2) + 1))
        first = int(rng.integers(length, months - length + 1))
        window = (at >= first) & (at < first + length)
        reference = (at >= first - length) & (at < first)
        if (window & observed).any() and (reference & observed).any():
            return window, reference


def draw_pair(rng: np.random.Generator, C: Floats) -> tuple[int, int]:
    """A pair i < j with cooperation in some period, all alike; C (T, N, N) symmetric."""
    i, j = np.nonzero(np.triu(C.sum(axis=0), 1) > 0)
    at = int(rng.integers(len(i)))
    return int(i[at]), int(j[at])


def span_of(events: EventData, first: int, months: int) -> DyadSlices:
    """The store's months number ``first`` to ``first + months - 1``."""
    begins = np.datetime64(events.span()[0], "M") + first
    start, end = ((m.astype("datetime64[D]")) for m in (begins, begins + months))
    spec = ModelSpec.of(slice="1mo", model="within", start=_day(start), end=_day(end - 1))
    return events.slices(spec.resolve(directed=events.directed))


def _day(day: np.datetime64) -> date:
    return date.fromisoformat(str(day))


def placebos(
    sl: DyadSlices, certificate: Certificate | None, n: int, rng: np.random.Generator, span: int, legs: str
) -> list[Placebo]:
    """Draw ``n`` pairs of one span and ask condition 6 of each; ``certificate`` None: the model was refused."""
    C, H = by_period(sl, DEFAULT_RESPONSE[sl.directed])
    both_ways = C + C.transpose(0, 2, 1) if sl.directed else C
    others_hold = certificate is not None and certificate.passed
    found = []
    for _ in range(n):
        i, j = draw_pair(rng, both_ways)
        window, reference = draw_window(rng, sl.n_slices, sl.observed)
        question = PairQuestion(i, j, window, reference)
        facts = pair_facts(sl, C, H, question, legs=legs, seed=DEFAULT_SEED)
        rose, earlier = facts.rose is True, facts.hostility_ratio > 1
        passed = False
        if others_hold and rose and earlier:
            passed = certify(sl, legs=legs, pair=question).passed
        at = np.flatnonzero(window)
        found.append(
            Placebo(span, (sl.actors[i], sl.actors[j]), (int(at[0]), int(at[-1])), rose, bool(earlier), passed)
        )
    return found


def interval(hits: int, n: int) -> tuple[float, float]:
    """95 % interval of a share (Clopper & Pearson 1934, doi:10.1093/biomet/26.4.404).

    >>> [round(x, 3) for x in interval(0, 100)]
    [0.0, 0.036]
    """
    low = float(beta.ppf(0.025, hits, n - hits + 1)) if hits else 0.0
    high = float(beta.ppf(0.975, hits + 1, n - hits)) if hits < n else 1.0
    return low, high


def share(name: str, held: Sequence[bool]) -> str:
    """A line: how many of how many, and the interval."""
    low, high = interval(sum(held), len(held))
    return f"{name:<44}{sum(held):>5} of {len(held):<5}{np.mean(held):>7.1%}   95 % {low:.1%} to {high:.1%}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, help="the folder that holds data/gdelt_dyad_day")
    parser.add_argument("--store", type=Path, help="a store made of it before")
    parser.add_argument("--spans", type=int, default=10)
    parser.add_argument("--pairs", type=int, default=10, help="pairs a span")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--legs", default="sqrt")
    args = parser.parse_args()
    if args.store is None and args.shared is None:
        parser.error("give --shared DIR or --store STORE")
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as temporary:
        store = args.store or Path(temporary) / "GDELT"
        if args.store is None:
            data = args.shared / "data" / "gdelt_dyad_day"
            import_files("dyads", [data / "weights.parquet"], store, missing=data / "missing_days.csv")
        events = load(store)
        run(events, args.spans, args.pairs, args.seed, args.legs)
    print(f"{time.perf_counter() - began:.0f} seconds")


def run(events: EventData, spans: int, pairs: int, seed: int, legs: str) -> list[Placebo]:
    """Draw, ask, and print: a line a span, then the shares."""
    rng = np.random.default_rng(seed)
    first, last = (np.datetime64(day, "M") for day in events.span())
    months = int((last - first).astype(int)) + 1
    print(f"{spans} spans, {pairs} pairs each, seed {seed}, legs {legs}; z of the conditions, then pairs")
    print(
        f"{'months':<20}{'N':>4}{'T':>4}{'lag':>8}{'order':>8}{'memory':>8}{'m.order':>8}{'reverse':>8}"
        f"{'now':>8}{'lead':>8}{'attent.':>8}{'all':>9}{'rose':>6}{'before':>8}{'both':>6}{'pass':>6}"
    )
    found: list[Placebo] = []
    held: list[dict[str, bool]] = []
    for number in range(spans):
        start, length = draw_span(rng, months)
        sl = span_of(events, start, length)
        try:
            certificate = certify(sl, legs=legs)
        except TertiusError as error:
            certificate = None
            print(f"{first + start} {first + start + length - 1}   refused: {error.message}")
        some = placebos(sl, certificate, pairs, rng, number, legs)
        found += some
        held += [{s.name: s.passed for s in certificate.conditions} if certificate else {}] * len(some)
        if certificate is not None:
            z = [certificate.statistics[n].statistic if n in certificate.statistics else nan for n in CONDITIONS]
            print(
                f"{str(first + start) + ' ' + str(first + start + length - 1):<20}{sl.n_actors:>4}"
                f"{certificate.n_periods:>4}" + "".join(f"{x:>8.1f}" for x in z) + f"{'':>1}"
                f"{'yes' if certificate.passed else 'no':>8}{sum(p.rose for p in some):>6}"
                f"{sum(p.earlier for p in some):>8}{sum(p.facts for p in some):>6}{sum(p.passed for p in some):>6}",
                flush=True,
            )
    print(f"{len(found)} pairs")
    for name in CONDITIONS:
        print(share(f"condition {name} (of the span)", [h.get(name, False) for h in held]))
    print(share("all conditions but the pair's together (of the span)", [bool(h) and all(h.values()) for h in held]))
    print(share("the pair's cooperation rose", [p.rose for p in found]))
    print(share("hostility towards both had risen before", [p.earlier for p in found]))
    print(share("the pair's own facts: both of these", [p.facts for p in found]))
    print(share("all: the certificate passes", [p.passed for p in found]))
    return found


if __name__ == "__main__":
    main()
