"""What the certificate says of all pairs in real data: verdicts and bounds in one table, the sources side by side.

    python scripts/real_certificates.py --shared DIR [--only TEXT] [--workers 2]

DIR is the folder that holds ``data/``. No pair is asked about. Five sources:

GDELT          net dyad-days, undirected, by month and by week: whether hostility or cooperation prevailed between two
               states is all that is known
ICEWS 2018     events, directed, states only, by week: 39 weeks, of which 27 are left between the windows
ICEWS monthly  100 states, 2009 to 2014, undirected: whether anything happened between two states in a month, verbal and
               material cooperation each against verbal and material conflict
alliances      ATOP's pacts against the MIDs, 1946 to 2014, by year (:mod:`alliances` in this folder)

A line: the verdict; the bound, which is the most that a usual change of hostility one to three periods earlier (one
standard deviation, net of pairs and of what each actor does in a period) can add to cooperation, in per cent, one-sided
95 %, the same period apart; how small an effect four of five such data sets would show; z of the same period, and of
the conditions in the order of the rule.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).parent))

import duckdb
import numpy as np
from alliances import SPECS, as_slices, by_periods, read_states

from tertius.answers.certificate import Certificate, certify
from tertius.answers.certificate.on_arrays import certify as certify_arrays
from tertius.errors import TertiusError
from tertius.events.slices import Floats
from tertius.sources.importing import import_files
from tertius.sources.loading import load
from tertius.spec import Duration, ModelSpec
from tertius.study.asking import resolve_spec

LAYERS = ("verbal", "material")


def of_store(store: Path, period: str, workers: int | None) -> Certificate:
    """As ``tertius explain`` runs it, without a pair."""
    events = load(store)
    spec = replace(resolve_spec(events, ModelSpec.of(period=period)), slice=Duration.parse(period))
    apart = events.slices_without_document_triads(spec)
    return certify(events.slices(spec), response=spec.response, apart=apart, workers=workers)


def of_layers(folder: Path, coop: str, host: str, workers: int | None) -> Certificate:
    """One layer of cooperation against one of conflict, 0 or 1 a month."""
    con = duckdb.connect()
    rows = con.execute(
        f"SELECT datediff('month', DATE '2009-01-01', month), a, b, layer FROM '{folder}/edges.parquet'"
    ).fetchall()
    names = sorted({x for _, a, b, _ in rows for x in (a, b)})
    at = {name: n for n, name in enumerate(names)}
    made: dict[str, Floats] = {
        layer: np.zeros((1 + max(r[0] for r in rows), len(names), len(names))) for layer in (coop, host)
    }
    for month, a, b, layer in rows:
        if layer in made:
            made[layer][month, at[a], at[b]] = made[layer][month, at[b], at[a]] = 1.0
    return certify_arrays(made[coop], made[host], directed=False, period="1mo", start="2009-01-01", workers=workers)


def of_alliances(folder: Path, at: int, workers: int | None) -> Certificate:
    """One of the specifications of ``scripts/alliances.py``: the standing alliance."""
    states, spec = read_states(folder), SPECS[at]
    H = by_periods(states.enemies[spec.disputes], spec.years)
    C = by_periods(states.standing[spec.pact][1:], spec.years)
    return certify(as_slices(C, H, states.names, spec.years), response="count", workers=workers)


def questions(data: Path, stores: Path, workers: int | None) -> dict[str, Callable[[], Certificate]]:
    """By name, in the order of the table."""
    gdelt, icews = stores / "gdelt", stores / "icews"
    found: dict[str, Callable[[], Certificate]] = {
        "GDELT, net weights, by month": lambda: of_store(gdelt, "1mo", workers),
        "GDELT, net weights, by week": lambda: of_store(gdelt, "1w", workers),
        "ICEWS 2018, directed, by week": lambda: of_store(icews, "1w", workers),
    }
    for c in LAYERS:
        for h in LAYERS:
            found[f"ICEWS monthly, {c} / {h}"] = lambda c=c, h=h: of_layers(  # type: ignore[misc]
                data / "icews_monthly_large", f"{c}_coop", f"{h}_conflict", workers
            )
    for at, spec in enumerate(SPECS):
        found[f"alliances, {spec}"] = lambda at=at: of_alliances(data / "states", at, workers)  # type: ignore[misc]
    return found


def line(name: str, c: Certificate, seconds: float) -> str:
    """One row of the table."""
    z = ", ".join(f"{s.name} {s.statistic:.1f}{'' if s.passed else ' no'}" for s in c.general)
    verdict = f"{c.verdict} {100 * c.bound:.1f} %" if c.verdict == "no effect above" else c.verdict
    size = f"{c.n_actors} x {c.n_periods}"
    return (
        f"{name:<32}{size:>9}  {verdict:<23}{100 * c.bound:>6.1f}{100 * c.smallest_found:>7.1f}"
        f"{c.now.statistic:>6.1f}  {z} ({seconds:.0f} s)"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, required=True, help="folder that holds data/")
    parser.add_argument("--only", default="", help="questions whose name holds this text")
    parser.add_argument("--workers", type=int, default=None)
    options = parser.parse_args()
    data = options.shared / "data"
    with tempfile.TemporaryDirectory() as place:
        stores = Path(place)
        chosen = {name: ask for name, ask in questions(data, stores, options.workers).items() if options.only in name}
        missing = data / "gdelt_dyad_day/missing_days.csv"
        if any(name.startswith("GDELT") for name in chosen):
            import_files("dyads", [data / "gdelt_dyad_day/weights.parquet"], stores / "gdelt", missing=missing)
        if any(name.startswith("ICEWS 2018") for name in chosen):
            mapping = {"source": "source_iso3", "target": "target_iso3"}
            import_files("icews", [data / "icews18/events.parquet"], stores / "icews", mapping=mapping)
        print(f"{'data':<32}{'N x T':>9}  {'verdict':<23}{'bound':>6}{'shows':>7}{'now':>6}  conditions: z, no: fails")
        for name, ask in chosen.items():
            began = time.perf_counter()
            try:
                print(line(name, ask(), time.perf_counter() - began), flush=True)
            except TertiusError as error:
                print(f"{name:<32}{'':>9}  refused: {error.message}", flush=True)


if __name__ == "__main__":
    main()
