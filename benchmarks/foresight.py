"""Foresight, line by line of what it must show.

    python benchmarks/foresight.py backtest DATA [--period 1mo] [--horizon 1,3,6] [--last 24] [--out FILE.json]
    python benchmarks/foresight.py icews EVENTS.parquet [--last 12] [--out FILE.json]
    python benchmarks/foresight.py emphasis DATA --to DAY [--last 12]
    python benchmarks/foresight.py simulated [--worlds 10] [--seed 0]
    python benchmarks/foresight.py ledger [--tamperings 1000]
    python benchmarks/foresight.py speed DATA

``backtest``   scores beside the baselines, differences with intervals by blocks, coverage by randomised probability
               integral transform, breaks; seconds of the whole.
``icews``      the same by week for a file of the ICEWS benchmark sets: events between states (source_iso3 and
               target_iso3, not equal), directed counts.
``emphasis``   the model's CRPS by emphasis (``models.EMPHASIS``) on periods up to a day, for its choice on months that
               the backtest does not score.
``simulated``  counts of known means: the share of the truth's gain in log score over historical frequencies that the
               model loses.
``ledger``     changed, dropped, moved and doubled lines that are found.
``speed``      a forecast of all pairs, one to six periods ahead.

Set OPENBLAS_NUM_THREADS=1.
"""

from __future__ import annotations

import argparse
import json
import resource
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from scipy.special import gammaln

from tertius.foresight import models
from tertius.foresight.backtest import backtest as rolling
from tertius.foresight.backtest import foretold
from tertius.foresight.known import SIGNS, known
from tertius.foresight.models import FREQUENCIES, OURS
from tertius.study import backtest, forecast, ledger
from tertius.study.forecast import _opened

EMPHASES = (0.0, 0.25, 0.5, 0.75, 1.0)
SHARES = {"80": (77.0, 83.0), "95": (93.0, 97.0)}


def print_backtest(data: Any, period: str, horizon: str, last: int | None, out: Path | None) -> None:
    """The scores, one line each, and what the checks say."""
    began = time.perf_counter()
    found = backtest(data, period=period, horizon=horizon, last=last)
    seconds = time.perf_counter() - began
    if out is not None:
        out.write_text(json.dumps(found.to_dict()))
    print(
        f"{'model':30s} {'':11s} {'pairs':9s}  h       n  log score      CRPS   80 %   95 %  ours better by (CRPS; log)"
    )
    for s in found.scores:
        d = s.difference
        gain = "" if d is None or s.model == OURS else (
            f"{-d.crps:9.4g} ({-d.crps_high:.4g} to {-d.crps_low:.4g}); {d.log_score:.4f} "
            f"({d.low:.4f} to {d.high:.4f}), {d.blocks} blocks"
        )  # fmt: skip
        print(
            f"{s.model:30s} {s.outcome:11s} {s.stratum:9s} {s.horizon:2d} {s.n:7d} {s.log_score:10.4f} {s.crps:9.4f} "
            f"{100 * s.coverage_80:6.1f} {100 * s.coverage_95:6.1f}  {gain}"
        )
    ours = [s for s in found.scores if s.model == OURS]
    print("breaks: outcome, pairs, horizon, Brier, of the base rate, slope")
    for s in ours:
        print(
            f"  {s.outcome:11s} {s.stratum:9s} {s.horizon:2d} {s.brier_breaks:.5f} {s.brier_base_rate:.5f} "
            f"{s.calibration_slope:.2f}"
        )
    split = [s for s in ours if s.stratum != "all"]
    for name, (low, high) in SHARES.items():
        hits = [low <= 100 * getattr(s, f"coverage_{name}") <= high for s in split]
        print(f"coverage of {name} %: {sum(hits)} of {len(hits)} within {low:g} to {high:g}")
    whole = [s for s in ours if s.stratum == "all"]
    good = sum(0.8 <= s.calibration_slope <= 1.2 for s in whole)
    print(f"breaks, all pairs: slope .8 to 1.2 in {good} of {len(whole)}, "
          f"Brier below the base rate's in {sum(s.brier_breaks < s.brier_base_rate for s in whole)}")  # fmt: skip
    print(found.text)
    print(f"{found.first} to {found.last}; {seconds:.0f} s, peak memory "
          f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB")  # fmt: skip


def between_states(events: Path) -> pa.Table:
    """Events between two states, in the event columns."""
    columns = ["date", "source_iso3", "target_iso3", "quad"]
    table = pq.read_table(events, columns=columns)
    both = pc.and_(pc.is_valid(table["source_iso3"]), pc.is_valid(table["target_iso3"]))
    table = table.filter(pc.and_(both, pc.not_equal(table["source_iso3"], table["target_iso3"])))
    return table.rename_columns(["date", "source", "target", "quad"])


def emphasis(data: str, until: str, last: int) -> None:
    """The model's CRPS by emphasis, on the periods before ``until``: which one is best can be known before the others
    are scored."""
    o = _opened(data, None, None, None, until, None, None)
    origin = o.last_observed()
    targets = list(range(origin - last + 1, origin + 1))
    first, earliest = max(0, targets[0] - 2 * 6 - models.WINDOW + 1), targets[0] - 6
    K = o.known(first, earliest)
    print(f"{last} periods, {o.days_of(targets[0])[0]} to {o.days_of(origin)[1]}: mean CRPS at 1, 3, 6 periods ahead")
    for power in EMPHASES:
        models.EMPHASIS = power
        scores = rolling(lambda _: K, K, targets, (1, 3, 6), counts=o.counts, models=(OURS,), seed=0)
        of = {(s.outcome, s.stratum, s.horizon): s.crps for s in scores}
        mean = np.mean([of[sign, "all", h] for sign in SIGNS for h in (1, 3, 6)])
        parts = "; ".join(
            f"{sign} of {stratum} pairs {', '.join(f'{of[sign, stratum, h]:.4g}' for h in (1, 3, 6))}"
            for sign in SIGNS for stratum in ("recurrent", "novel")
        )  # fmt: skip
        print(f"emphasis {power:g}: mean {mean:.4f}; {parts}", flush=True)


def simulated(worlds: int, first: int = 0) -> None:
    """Counts whose log mean is linear in the pair's level, its own past and what its ends do."""
    lost = []
    for seed in range(first, first + worlds):
        rng = np.random.default_rng(seed)
        n, T = 60, 60
        i, j = np.triu_indices(n, 1)
        ends = rng.normal(0, 0.8, n)
        level = -1.2 + 0.6 * (ends[i] + ends[j]) + rng.normal(0, 0.5, len(i))
        own = {s: np.zeros(len(i)) for s in SIGNS}
        values, mean = ({s: np.zeros((T, len(i))) for s in SIGNS} for _ in range(2))
        for t in range(T):
            for s in SIGNS:
                mean[s][t] = np.exp(level + 0.5 * np.log1p(own[s]))
                values[s][t] = rng.poisson(mean[s][t])
            own = {s: own[s] * 0.5 + 0.5 * values[s][t] for s in SIGNS}
        K = known(i, j, values, np.full(T, 30.0), directed=False, first=20, year=12, units=T - 9)
        total = {"truth": 0.0, OURS: 0.0, FREQUENCIES: 0.0}
        start: dict[str, Any] = {}
        for t in range(T - 8, T):
            y = values[SIGNS[0]][t]
            total["truth"] += float((y * np.log(mean[SIGNS[0]][t]) - mean[SIGNS[0]][t] - gammaln(y + 1)).sum())
            for name, made, _ in foretold(K, SIGNS[0], t - 1, 1, 30.0, True, [OURS, FREQUENCIES], seed, start):
                total[name] += float(made.log_density(y).sum())
        lost.append((total["truth"] - total[OURS]) / (total["truth"] - total[FREQUENCIES]))
        print(f"world {seed}: loses {100 * lost[-1]:.1f} % of the truth's gain", flush=True)
    error = np.std(lost, ddof=1) / len(lost) ** 0.5 if len(lost) > 1 else np.nan
    print(f"{worlds} worlds: mean {100 * np.mean(lost):.1f} % (standard error {100 * error:.1f}), "
          f"most {100 * np.max(lost):.1f} %")  # fmt: skip


def tampered(texts: list[str], rng: np.random.Generator) -> list[str]:
    """Lines dropped, moved, changed in one character, changed with the line's own hash made anew, or doubled."""
    made, n = list(texts), len(texts)
    what, at = rng.integers(5), int(rng.integers(n))
    if what == 0:
        del made[at]
    elif what == 1:
        other = (at + int(rng.integers(1, n))) % n
        made[at], made[other] = made[other], made[at]
    elif what == 2:
        k = int(rng.integers(len(made[at])))
        made[at] = made[at][:k] + chr(int(rng.integers(32, 127))) + made[at][k + 1 :]
    elif what == 3:
        line = json.loads(made[at])
        line["forecast"]["mean"] *= 1 + float(rng.normal(0, 0.1))
        line["sha256"] = ledger.digest(line)
        made[at] = json.dumps(line, separators=(",", ":"))
    else:
        made.insert(at, made[int(rng.integers(n))])
    return made


def tamperings(wanted: int) -> None:
    """How many of random tamperings with a ledger of 40 lines are found."""
    rng = np.random.default_rng(0)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ledger.jsonl"
        bodies = [{"question": {"pair": ["A", "B"]}, "forecast": {"mean": float(rng.gamma(1.0))}} for _ in range(40)]
        lines = ledger.chained(bodies, ledger.START, 1)
        texts = [json.dumps(line, separators=(",", ":")) for line in lines]
        path.with_name("ledger.jsonl.head").write_text(json.dumps({"lines": 40, "sha256": lines[-1]["sha256"]}))
        path.write_text("".join(x + "\n" for x in texts))
        assert ledger.verify(path).valid
        found = tried = 0
        while tried < wanted:
            made = tampered(texts, rng)
            if made == texts:
                continue
            tried += 1
            path.write_text("".join(x + "\n" for x in made))
            found += not ledger.verify(path).valid
    print(f"{found} of {tried} tamperings found")


def speed(data: str) -> None:
    """Seconds of a forecast of all pairs."""
    began, work = time.perf_counter(), time.process_time()
    found = forecast(data, horizon="1,2,3,4,5,6")
    pairs = len({line.pair for line in found.lines})
    print(f"{pairs:,} pairs, 6 periods: {time.perf_counter() - began:.1f} s ({time.process_time() - work:.1f} s of the "
          "processor's)")  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["backtest", "icews", "emphasis", "simulated", "ledger", "speed"])
    parser.add_argument("data", nargs="?")
    parser.add_argument("--period", default="1mo")
    parser.add_argument("--horizon", default="1,3,6")
    parser.add_argument("--last", type=int)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--to")
    parser.add_argument("--worlds", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--tamperings", type=int, default=1000)
    options = parser.parse_args()
    if options.what == "simulated":
        simulated(options.worlds, options.seed)
    elif options.what == "ledger":
        tamperings(options.tamperings)
    elif options.data is None:
        parser.error(f"{options.what} takes data")
    elif options.what == "emphasis":
        emphasis(options.data, options.to, options.last or 12)
    elif options.what == "speed":
        speed(options.data)
    elif options.what == "icews":
        print_backtest(between_states(Path(options.data)), "1w", options.horizon, options.last, options.out)
    else:
        print_backtest(options.data, options.period, options.horizon, options.last, options.out)


if __name__ == "__main__":
    main()
