"""Camps of states by quarter, in GDELT's net dyad-days or in ICEWS 2018: who stands where, and who changed sides.

    python scripts/camps_real.py --shared DIR [--data gdelt|icews] [--threshold 100] [--actors 60] [--seconds 20]
                                 [--draws 0] [--relative]

DIR is the folder that holds ``data/gdelt_dyad_day`` and ``data/icews18``. The states with the most events over all
time; an edge where the net of a quarter, cooperation less hostility, is beyond the threshold either way (GDELT: summed
weights; ICEWS: events). What the threshold does to the number of edges is printed first. A line a window and cost:
bounds, camps by size with the members that it would cost most to lose, and who changed sides, with what staying would
have cost. ``--draws``: null networks of each kind. ``--relative``: hostility against the window's average.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq
from isolation_real import read

from tertius.events.slices import Floats
from tertius.signed.camps import CampsWindow
from tertius.signed.graph import from_window, influence_of_threshold
from tertius.signed.windows import balance_over_time

SHOWN = 14


def gdelt(shared: Path) -> tuple[list[str], Floats, Floats, list[str]]:
    """States, C and H (W, N, N) by quarter, and the quarters' names."""
    states, C, H, _ = read(shared / "data" / "gdelt_dyad_day")
    names = [f"{2018 + k // 4}Q{k % 4 + 1}" for k in range(len(C) // 3)]
    C, H = (X[: 3 * len(names)].reshape(len(names), 3, *X.shape[1:]).sum(axis=1) for X in (C, H))
    return states, C, H, names


def icews(shared: Path) -> tuple[list[str], Floats, Floats, list[str]]:
    """The same from events between countries; quads 1 and 2 cooperate."""
    table = pq.read_table(shared / "data" / "icews18" / "events.parquet")
    kinds = pc.and_(pc.equal(table["source_kind"], "country"), pc.equal(table["target_kind"], "country"))
    table = table.filter(pc.and_(kinds, pc.not_equal(table["source_iso3"], table["target_iso3"])))
    states = pc.unique(table["source_iso3"]).drop_null().sort()
    i, j = (pc.fill_null(pc.index_in(table[f"{x}_iso3"], states), -1).to_numpy() for x in ("source", "target"))
    quarter = (pc.month(table["date"]).to_numpy() - 1) // 3
    known, n = (i >= 0) & (j >= 0), len(states)
    friendly = table["quad"].to_numpy() <= 2
    place = (quarter * n + i) * n + j
    C, H = (
        np.bincount(place[known & side], minlength=3 * n * n).reshape(3, n, n).astype(float)
        for side in (friendly, ~friendly)
    )
    return states.to_pylist(), C, H, ["2018Q1", "2018Q2", "2018Q3"]


def lines(what: str, window: CampsWindow) -> list[str]:
    """What is printed of a window."""
    found = window.found
    state = "proven" if found.proven else "not proven"
    out = [f"{window.window} {what}: {found.lower_bound:g} to {found.cost:g}, {state}, {found.seconds:.1f} s"]
    for camp, members in window.members().items():
        more = " ..." * (len(members) > SHOWN)
        out.append(f"    camp {camp} ({len(members)}): {' '.join(members[:SHOWN])}{more}")
    if window.changes:
        moved = ", ".join(f"{c.actor} {c.was}>{c.now} ({c.staying:g})" for c in window.changes[:SHOWN])
        out.append(f"    changed sides: {len(window.changes)}: {moved}")
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, required=True)
    parser.add_argument("--data", choices=("gdelt", "icews"), default="gdelt")
    parser.add_argument("--threshold", type=float)
    parser.add_argument("--actors", type=int, default=60)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--draws", type=int, default=0)
    parser.add_argument("--relative", action="store_true")
    parser.add_argument("--last", type=int, default=0, help="windows, from the last; 0: all")
    options = parser.parse_args()
    states, C, H, names = (gdelt if options.data == "gdelt" else icews)(options.shared)
    threshold = options.threshold if options.threshold is not None else (100.0 if options.data == "gdelt" else 3.0)
    busy = (C + H).sum(axis=0)
    most = np.sort(np.argsort(-(busy.sum(axis=0) + busy.sum(axis=1)))[: options.actors])
    actors = [states[k] for k in most]
    C, H = (X[:, most][:, :, most] for X in (C, H))
    names, C, H = names[-options.last :], C[-options.last :], H[-options.last :]
    thresholds = [0.0, threshold / 3, threshold, 3 * threshold]
    for line in influence_of_threshold(C[-1], H[-1], thresholds, relative=options.relative):
        print(f"{names[-1]}: {line}")
    graphs = {
        name: from_window(c, h, actors, threshold, relative=options.relative)
        for name, c, h in zip(names, C, H, strict=True)
    }
    result = balance_over_time(graphs, options.draws, options.seconds)
    for window in result.windows:
        print(*lines("two camps", window.two), *lines("free camps", window.free), sep="\n")
        for kind, null in window.null.items():
            print(f"    against {kind}: {null.to_dict()}")


if __name__ == "__main__":
    main()
