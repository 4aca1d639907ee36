"""The questions of the day on real data, as a user asks them: commands, seconds, memory, and what comes out.

    python scripts/real_data.py --shared DIR [--out DIR] [--only NAME] [--pictures docs]

Imports GDELT's net dyad-days (undirected) and ICEWS 2018 (directed) into stores, asks each question by the command line
in a process of its own, and prints the command, wall seconds, peak memory and the answer's first figures. Reports go to
``--out``. ``--pictures`` draws README's pictures from the within-pair answer. DIR is the folder that holds ``data/``.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tertius import explain
from tertius.answers.explanation import Explanation
from tertius.report.charts import lead_lag_profile, pair_over_time

QUESTIONS: dict[str, list[str]] = {
    "undirected, rate": ["RUS", "PRK", "GDELT", "--slice", "1w", "--model", "rate", "--no-certificate"],
    "undirected, within": ["RUS", "PRK", "GDELT"],
    "undirected, with ladder": ["RUS", "PRK", "GDELT", "--ladder", "--permutations", "200"],
    "undirected, since the invasion": [
        "RUS",
        "PRK",
        "GDELT",
        "--by",
        "USA",
        "--window",
        "2022-02-24",
        "2023-06-30",
        "--reference",
        "2020-01-01",
        "2021-05-07",
        "--permutations",
        "0",
    ],
    "directed, rate, USA-PRK": ["USA", "PRK", "ICEWS", "--slice", "1d", "--model", "rate"],
    "directed, rate, RUS-PRK": ["RUS", "PRK", "ICEWS", "--slice", "1d", "--model", "rate"],
    "directed, within by week, USA-PRK": ["USA", "PRK", "ICEWS", "--period", "1w"],
    "directed, within by week, RUS-PRK": ["RUS", "PRK", "ICEWS", "--period", "1w"],
}


def tertius(arguments: list[str], folder: Path) -> tuple[dict[str, Any], float, float]:
    """Run a command with --json in a process of its own: its document, wall seconds, peak memory in MB."""
    code = "import sys; from tertius.cli import main; main()"
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-c", code, *arguments, "--json"], cwd=folder, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    out = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(out)
    return json.loads(out), time.perf_counter() - began, usage.ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--shared", type=Path, required=True)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--only", default="")
    parser.add_argument("--pictures", type=Path)
    args = parser.parse_args()
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    data = args.shared.resolve() / "data"
    with tempfile.TemporaryDirectory() as temporary:
        folder = (args.out or Path(temporary)).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        imports = {
            "GDELT": ["dyads", f"{data}/gdelt_dyad_day/weights.parquet", "--missing",
                      f"{data}/gdelt_dyad_day/missing_days.csv"],
            "ICEWS": ["icews", f"{data}/icews18/events.parquet", "--map",
                      "source=source_iso3,target=target_iso3"],
        }  # fmt: skip
        for store, source in imports.items():
            if not (folder / store).exists():
                audit, seconds, _ = tertius(["import", *source, "--into", store], folder)
                print(f"import {store}: {audit['rows']:,} rows, {audit['kept']:,.0f} events kept of {audit['read']:,} "
                      f"read, dropped {audit['dropped']}, {seconds:.1f} s")  # fmt: skip
        if args.pictures:
            answer = explain("RUS", "PRK", folder / "GDELT", permutations=0)
            assert isinstance(answer, Explanation)
            assert answer.certificate is not None
            charts = {
                "rus-prk": pair_over_time(answer),
                "rus-prk-profile": lead_lag_profile(answer, answer.certificate),
            }
            for name, chart in charts.items():
                chart.properties(width=760).save(args.pictures / f"{name}.png", scale_factor=2)
                print(f"picture written: {args.pictures / name}.png")
        for name, words in QUESTIONS.items():
            if args.only not in name:
                continue
            page = name.replace(", ", "-").replace(" ", "-") + ".html"
            answer, seconds, peak = tertius(["explain", *words, "--report", page], folder)
            fit, rise = answer["fit"], answer["rise"]
            foe = next(c for c in fit["coefficients"] if c["term"] == answer["effect"])
            print(f"\n{name}: tertius explain {' '.join(words)} --report {page}")
            size = f"{fit['n_actors']} actors, {fit['n_slices']} slices of {fit['slice']}"
            print(f"  {seconds:.1f} s, {peak:.0f} MB; {size}")
            print(f"  verdict {answer['verdict']}; rise {rise['ratio']:.2f} ({rise['low']:.2f} to {rise['high']:.2f})")
            if answer["certificate"]:
                said = ", ".join(f"{p['from']} to {p['to']} {p['z']:.1f}" for p in answer["certificate"]["profile"])
                print(f"  certificate {'passed' if answer['certificate']['passed'] else 'not passed'}; z of {said}")
                print("    " + "; ".join(answer["certificate"]["reasons"]))
            for rung in answer["ladder"]:
                print(f"    rung {rung['rung']} {rung['name']}: {rung['status']}. {rung['text']}")
            print(f"  {foe['term']} {foe['estimate']:+.3f} (se {foe['se_jackknife']:.3f}), per sd "
                  f"{foe['estimate_sd']:+.4f}; all third parties {answer['total']['events']:.3g} "
                  f"({answer['total']['low']:.3g} to {answer['total']['high']:.3g}) of {answer['expected']:.4g} "
                  f"{answer['unit']}")  # fmt: skip
            for party in answer["third_parties"][:3]:
                print(f"    {party['actor']} {party['events']:.3g} "
                      f"({party['events_low']:.3g} to {party['events_high']:.3g})")  # fmt: skip
            for other in fit["alternatives"]:
                line = next(c for c in other["coefficients"] if c["term"] == foe["term"])
                print(f"    {other['name']}: {line['estimate']:+.3f} (se {line['se_jackknife'] or float('nan'):.3f})")


if __name__ == "__main__":
    main()
