"""Was Russia isolated? Effective partners in cooperation, overall and among the G77, beside five other states.

    python scripts/isolation_real.py --shared DIR [--at 2022-03-01] [--actor RUS] [--beside CHN,TUR,IRN,IND,BRA]

DIR is the folder that holds ``data/gdelt_dyad_day``: net dyad-days of GDELT, 2018-01 to 2023-06. Cooperation is the sum
of the positive days' weights, hostility that of the negative ones; by month; months with fewer than half of their days
observed are left out. Weights, so that the figure is the change set against that of the others
(:mod:`tertius.signed.isolation`). Each of the others is set against the rest in turn.

``--placebo`` asks of what nobody claims: the months of all are shifted in a circle, by ``--shifts`` random numbers of
months, and the last third is set against the rest, for the 60 actors with most cooperation beside the ten with most.
How often "more" and "fewer" are said, and how far intervals reach.
"""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq
from isolation_planted import line

from tertius.codes.groups import members_between
from tertius.events.slices import Bools, Floats
from tertius.signed.isolation import Isolation, Ratio, isolation, partners_of

FIRST, LAST = date(2018, 1, 1), date(2023, 6, 30)


def month(day: np.ndarray) -> np.ndarray:
    """Months since the first."""
    return (day.astype("datetime64[M]") - np.datetime64(FIRST, "M")).astype(np.int64)


def read(folder: Path) -> tuple[list[str], Floats, Floats, Bools]:
    """States, cooperation and hostility (T, N, N) with each pair once (i < j), and which months were observed."""
    table = pq.read_table(folder / "weights.parquet")
    table = table.filter(pc.not_equal(table["a"], table["b"]))
    states = pc.unique(pa.chunked_array([*table["a"].chunks, *table["b"].chunks])).sort()
    ends = np.stack([pc.index_in(table[x], states).to_numpy() for x in "ab"]).astype(np.int64)
    i, j = ends.min(axis=0), ends.max(axis=0)
    t, w = month(table["date"].to_numpy()), table["weight"].to_numpy()
    months, n = int(t.max()) + 1, len(states)
    place = (t * n + i) * n + j
    C, H = (
        np.bincount(place, weights=np.maximum(s * w, 0.0), minlength=months * n * n).reshape(months, n, n)
        for s in (1, -1)
    )
    gaps = pyarrow.csv.read_csv(folder / "missing_days.csv").column(0).to_numpy().astype("datetime64[D]")
    missing = np.bincount(month(gaps), minlength=months)[:months]
    starts = np.datetime64(FIRST, "M") + np.arange(months + 1)
    days = np.diff(starts.astype("datetime64[D]")).astype(int)
    return states.to_pylist(), C, H, missing <= days / 2


def compared(X: Floats, actors: list[int], after: Bools, observed: Bools, group: Bools | None) -> list[Isolation]:
    """Each actor with all the others beside it."""
    Y = [partners_of(X, k, group) for k in actors]
    return [
        isolation(Y[k], after, counts=False, others=Y[:k] + Y[k + 1 :], observed=observed) for k in range(len(actors))
    ]


def placebo(X: Floats, shifts: int) -> list[Ratio]:
    """Figures of 60 actors, their months shifted in a circle."""
    rng = np.random.default_rng(1)
    amount = X.sum(axis=0)
    order = np.argsort(-(amount + amount.T).sum(axis=1))[:60]
    after, found = np.arange(len(X)) >= 2 * len(X) // 3, list[Ratio]()
    for _ in range(shifts):
        by = int(rng.integers(len(X)))
        Y = [np.roll(partners_of(X, int(k)), by, axis=0) for k in order]
        for k, own in enumerate(Y):
            found.append(isolation(own, after, counts=False, others=[Y[o] for o in range(11) if o != k][:10]).figure)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, required=True)
    parser.add_argument("--at", default="2022-03-01")
    parser.add_argument("--actor", default="RUS")
    parser.add_argument("--beside", default="CHN,TUR,IRN,IND,BRA")
    parser.add_argument("--placebo", action="store_true")
    parser.add_argument("--shifts", type=int, default=40)
    options = parser.parse_args()
    states, C, H, observed = read(options.shared / "data" / "gdelt_dyad_day")
    if options.placebo:
        print(f"shifted months: {line(placebo(C[observed], options.shifts))}")
        return
    after = np.arange(len(C)) >= month(np.array([options.at], dtype="datetime64[D]"))[0]
    names = [options.actor, *options.beside.split(",")]
    actors = [states.index(name) for name in names]
    south = np.isin(states, list(members_between("G77", FIRST, LAST)))
    print(f"{observed.sum()} of {len(C)} months observed; before {options.at} and after; times, 95 % interval")
    for what, X, group in (
        ("cooperation, all", C, None),
        (f"cooperation, {south.sum()} of the G77", C, south),
        ("hostility, all", H, None),
    ):
        print(what)
        for name, found in zip(names, compared(X, actors, after, observed, group), strict=True):
            own, beside = found.ratio, found.figure
            print(
                f"  {name} {found.before.partners:5.1f} -> {found.after.partners:5.1f}; own past {own.ratio:.2f} "
                f"({own.low:.2f} to {own.high:.2f}); against the others {beside.ratio:.2f} "
                f"({beside.low:.2f} to {beside.high:.2f})"
            )


if __name__ == "__main__":
    main()
