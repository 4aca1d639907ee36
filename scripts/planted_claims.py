"""Claims whose truth is known, put to histories that were drawn for them: how often is a false one supported?

======================  ==============================================================================================
true trends             "cooperation of A and B has risen since D", where it was made 1.5 times as much from D on
false trends            the same claim where nothing was changed; in every other history twice as much is recorded of
                        all pairs from D on
causes, true            "K drives I and J together" in the world ``planted`` (.40 log points per standard deviation)
causes, reversed        the same claim in the world ``reverse``: K turns on two who cooperate
causes, false worlds    the same claim in the other false worlds of :mod:`tertius.worlds`, one after the other
======================  ==============================================================================================

The histories of trends are net dyadic weights by month of 12 actors, over 66 months (the atlas's length) and over 120,
split at two thirds. Pairs drift without a reason: their logarithms are autoregressive, with the volatility (.44) and
the autocorrelation (.33) that the 50 busiest pairs of the atlas have at the median, net of a line in time, as shares of
everything recorded. Coverage of all drifts too. The pair is drawn among those with a weight of 10 a month or more. The
claim of a cause, in worlds of the generator ``counts``, is about the pair that rose most and the third party whose
hostility towards both rose most. Sizes were fixed before any run.

What asks of all pairs comes first: where a condition of the certificate fails
(:func:`tertius.answers.certificate.certify.first_failure`, the certificate's own models, no more of them than it takes
to know), no claim of a cause can be ``consistent with``, and the rest of the check is left out; the table then says
"no certificate" with the condition. One line a kind, with its standard error and the 95 % interval (Wilson); rows go to
``--out`` as they are made, in rounds over all kinds, and ``--resume`` makes only those that are not there::

    python scripts/planted_claims.py --histories 200 --out rows.csv
"""

from __future__ import annotations

import argparse
import csv
import os
import warnings
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from math import log, sqrt
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import pandas as pd

from tertius.answers.certificate.certify import first_failure
from tertius.answers.verdict import CONSISTENT, SUPPORTED
from tertius.errors import TertiusError, TertiusWarning
from tertius.events.slices import DyadSlices
from tertius.reading.reading import Claim, DateInterval, Document, Metadata, ReaderName, Reading
from tertius.sources.loading import load
from tertius.study.check import check_reading
from tertius.worlds import FALSE_WORLDS, world

STATES = "USA RUS CHN IND FRA DEU GBR JPN IRN TUR BRA EGY"
TRUE_RISE = 1.5
JUMP = 2.0
TREND_ACTORS, LENGTHS = 12, (66, 120)
VOLATILITY, KEEPS, COVERAGE = 0.44, 0.33, 0.3
USUAL, ENOUGH = 30.0, 10.0  # weight a month
CAUSE_PERIODS = 60
LEAST = 1.0  # acts of cooperation a month, of the pair of a cause
CAUSE_WRITTEN = date(2004, 12, 28)
ROUND = 20
"""Seeds of each kind before the next."""


def claim(kind: str, actors: tuple[str, str], driver: tuple[str, ...] = (), since: str | None = None) -> Claim:
    """A claim without words."""
    when = DateInterval(since, None)
    return Claim("c1", kind, actors, driver, "cooperation", "up", "", (0, 0), True, when)


def verdict(data: Any, asked: Claim, written: date) -> str:
    """What the data say of it."""
    reading = Reading(Document("", Metadata(date=str(written))), (), ReaderName("planted"), (asked,))
    return check_reading(reading, data, cache=False).claims[0].judged.verdict


def wandering(rng: np.random.Generator, shape: tuple[int, ...], keeps: float, sd: float) -> np.ndarray[Any, Any]:
    """Stationary autoregressions along the first axis."""
    out = np.empty(shape)
    out[0] = rng.normal(0.0, sd, shape[1:])
    for t in range(1, shape[0]):
        out[t] = keeps * out[t - 1] + rng.normal(0.0, sd * sqrt(1.0 - keeps**2), shape[1:])
    return out


def trend(seed: int, true: bool, months: int) -> str:
    """The verdict on "has risen since D"."""
    rng = np.random.default_rng([seed, months])
    i, j = np.triu_indices(TREND_ACTORS, 1)
    usual = rng.lognormal(log(USUAL), 1.0, len(i))
    mean = usual * np.exp(wandering(rng, (months, len(i)), KEEPS, VOLATILITY))
    mean *= np.exp(wandering(rng, (months, 1), 0.9, COVERAGE))
    k = int(rng.choice(np.flatnonzero(usual >= ENOUGH)))
    split = 2 * months // 3
    if true:
        mean[split:, k] *= TRUE_RISE
    elif seed % 2:
        mean[split:] *= JUMP
    weight = rng.poisson(mean)
    days = [date(2010 + m // 12, m % 12 + 1, 1) for m in range(months)]
    names = STATES.split()
    rows = [
        (str(days[m]), names[i[c]], names[j[c]], int(weight[m, c])) for m, c in zip(*np.nonzero(weight), strict=True)
    ]
    data = load(pd.DataFrame(rows, columns=["date", "a", "b", "weight"]), directed=False)
    last = days[-1].replace(day=28)
    return verdict(data, claim("trend", (names[i[k]], names[j[k]]), since=str(days[split])), last)


def cause(seed: int, name: str, n_actors: int, whole: bool = False) -> str:
    """The verdict on "K drives I and J together"; where the certificate of all pairs fails, which condition did, unless
    the ``whole`` check is asked for."""
    w = world(name, n_actors=n_actors, n_periods=CAUSE_PERIODS, seed=seed)
    slices = w.slices()
    if not whole and (failed := _failure(slices)):
        return f"no certificate: {failed}"
    third = CAUSE_PERIODS // 3
    before, after = slice(third, 2 * third), slice(2 * third, None)
    rose = w.C[after].mean(axis=0) / (w.C[before].mean(axis=0) + 0.5)
    rose[(w.C.mean(axis=0) < LEAST) | np.tri(n_actors, dtype=bool)] = -1.0
    i, j = map(int, np.unravel_index(int(rose.argmax()), rose.shape))
    both = np.sqrt(w.H[:, :, i] * w.H[:, :, j])
    more = both[after].mean(axis=0) - both[before].mean(axis=0)
    more[[i, j]] = -np.inf
    names = slices.actors
    asked = claim("cause", (names[i], names[j]), (names[int(more.argmax())],))
    return verdict(w.to_frame("pandas"), asked, CAUSE_WRITTEN)


def _failure(slices: DyadSlices) -> str:
    """The condition of all pairs that fails; empty: none."""
    try:
        return first_failure(slices, response="count")
    except TertiusError:
        return "refused"


def wilson(hits: int, n: int) -> tuple[float, float]:
    """95 % interval of a share."""
    z = 1.96
    middle, half = hits / n + z * z / (2 * n), z * sqrt(hits / n * (1 - hits / n) / n + z * z / (4 * n * n))
    return (middle - half) / (1 + z * z / n), (middle + half) / (1 + z * z / n)


def line(name: str, verdicts: Sequence[str]) -> str:
    """The share supported or consistent with, its standard error and interval, and all verdicts."""
    found = Counter(verdicts)
    n, hits = len(verdicts), found[SUPPORTED] + found[CONSISTENT]
    (low, high), error = wilson(hits, n), sqrt(hits / n * (1 - hits / n) / n)
    every = ", ".join(f"{v} {k}" for v, k in found.most_common())
    share = f"{100 * hits / n:5.1f} %, se {100 * error:.1f} ({100 * low:.1f} to {100 * high:.1f})"
    return f"{name:22} {hits:4d} of {n:4d}: {share}   {every}"


def kinds_of(given: argparse.Namespace) -> dict[str, Callable[[int], str]]:
    """Kind of history -> seed -> verdict."""
    others = [name for name in FALSE_WORLDS if name != "reverse"]
    kinds: dict[str, Callable[[int], str]] = {}
    if given.only != "causes":
        for months in LENGTHS:
            kinds[f"true trends, {months}"] = partial(trend, true=True, months=months)
            kinds[f"false trends, {months}"] = partial(trend, true=False, months=months)
    if given.only != "trends":
        kinds |= {
            "causes, reversed": lambda s: cause(s, "reverse", given.actors),
            "causes, false worlds": lambda s: cause(s, others[s % len(others)], given.actors),
            "causes, true": lambda s: cause(s, "planted", given.actors),
        }
    return kinds


def kept_rows(path: Path | None) -> dict[tuple[str, int], str]:
    """(kind, seed) -> verdict of an earlier run."""
    if path is None or not path.exists():
        return {}
    with path.open(encoding="utf-8", newline="") as f:
        return {(r["kind"], int(r["seed"])): r["verdict"] for r in csv.DictReader(f) if r["verdict"]}


def main() -> None:
    """Draw, check, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--histories", type=int, default=200, help="of each kind")
    parser.add_argument("--actors", type=int, default=60, help="of the worlds of causes")
    parser.add_argument("--only", choices=("trends", "causes"), help="one half of it")
    parser.add_argument("--from-seed", type=int, default=1, help="the first seed")
    parser.add_argument("--out", type=Path, help="rows, as they are made")
    parser.add_argument("--resume", action="store_true", help="make only the rows that --out has not")
    given = parser.parse_args()
    seeds = range(given.from_seed, given.from_seed + given.histories)
    kinds = kinds_of(given)
    warnings.simplefilter("ignore", TertiusWarning)  # labels of worlds are no states
    rows = kept_rows(given.out) if given.resume else {}
    with (given.out or Path(os.devnull)).open("w", encoding="utf-8", newline="") as f:
        writer = csv.writer(f)
        writer.writerow(("kind", "seed", "verdict"))
        writer.writerows((*key, found) for key, found in rows.items())
        for first in range(0, len(seeds), ROUND):
            for name, of in kinds.items():
                for seed in seeds[first : first + ROUND]:
                    if (name, seed) not in rows:
                        rows[name, seed] = of(seed)
                        writer.writerow((name, seed, rows[name, seed]))
                        f.flush()
    print("Supported or consistent with:")
    for name in kinds:
        print(line(name, [rows[name, seed] for seed in seeds]))


if __name__ == "__main__":
    main()
