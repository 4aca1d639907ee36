"""Does what-if find the difference between two true worlds, and is exchange found where it is, and only there?

    python scripts/counsel_worlds.py whatif [--seeds 200] [--effect .4] [--inertia .3] [--draws 200]
        [--first 1] [--actors 24] [--periods 60] [--kept FILE]
    python scripts/counsel_worlds.py parts [the same]
    python scripts/counsel_worlds.py exchange [--seeds 200] [--periods 96]
    python scripts/counsel_worlds.py wedge [--worlds 100]

``whatif``: worlds drawn from known rates (cooperation: inertia and, unless ``--effect 0``, shared threat; hostility:
inertia; effects of actors of their own). In one world the hostility of k, the most hostile actor, towards i is halved
from the 60th per cent of the periods on; in the other it is not. From the other alone the pair of k's two largest
targets is forecast. Printed: how often the 95 % interval of the direct answer covers the true direct effect and zero;
and of the answer with consequences, its mean against the mean true difference, and how often its interval (single
events included) holds one drawn difference and zero. ``--kept`` appends a line a world, and begins
where it ended.

``parts``: of the same worlds the same forecast with true rates, and with one part after the other as estimated: which
of them makes the error? And the mean of the estimated coefficients, of which those not planted are zero.

``exchange``: two flows with autocorrelation .7 and trends of their own, independent, and with the second following the
first three periods later. Printed: how often an exchange is found.

``wedge``: random ties of 3 to 8 adversaries with and without budgets, against every set counted one by one.
"""

from __future__ import annotations

import argparse
import itertools
import json
import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tertius.answers.changed import Change
from tertius.answers.consequences import consequences, counterfactual, kept_and_more, prepare
from tertius.answers.exchange import exchange
from tertius.answers.wedge import Gains, wedge
from tertius.answers.whatif import direct
from tertius.effects import PastView, columns
from tertius.events.slices import DyadSlices, from_arrays
from tertius.history import Past
from tertius.model.design import build_design
from tertius.model.within.model import fit_within
from tertius.spec import Duration, HalfLife, ModelSpec

Floats = NDArray[np.float64]
FIRST_YEAR, HALF_LIFE = 2000, "90d"
HOSTILITY = {"inertia.host": 0.3}
EFFECTS = "inertia,reciprocity,shared_threat,shared_target"
BEFORE = 24
TRUE_DRAWS = 200
EVENTS = 1.0
"""Of each sign for each dyad and period, about, without a history."""


@dataclass(frozen=True, slots=True)
class World:
    """Events, true rates (T, 2, N, N), the histories at every period, log rates without a history (T, 2, N, N), waves
    included, and who is asked about."""

    slices: DyadSlices
    rates: Floats
    C: Floats
    H: Floats
    level: Floats
    betas: tuple[dict[str, float], dict[str, float]]
    k: int
    i: int
    j: int
    first: int

    def seen(self, t: int, sign: int) -> Floats:
        """(N, N) events of a sign (0: cooperation) in a period."""
        sl, at = self.slices, self.slices.entries(t)
        found = np.zeros(sl.n_actors**2)
        found[sl.dyad[at]] = (sl.coop_count if sign == 0 else sl.host_count)[at]
        return found.reshape(sl.n_actors, -1)


def world(seed: int, n: int, T: int, effect: float, inertia: float = 0.3) -> World:
    """Draw one; every column is log(1 + x), so that c is 1. The first :data:`BEFORE` periods are history alone: the
    world begins in them, and none is in a likelihood."""
    rng, T = np.random.default_rng(seed), T + BEFORE
    edges = np.arange(T + 1).astype("timedelta64[M]") + np.datetime64(f"{FIRST_YEAR}-01")
    days = edges.astype("datetime64[D]").astype(np.float64)
    betas = ({"inertia.coop": inertia, "shared_threat": effect}, dict(HOSTILITY))
    own = np.log(EVENTS) + 0.4 * (rng.normal(size=(2, n, 1)) + rng.normal(size=(2, 1, n))) - 1.0
    own[1] -= 1.0
    k = int(rng.integers(n))
    own[1, k] += 2.0
    at = [dict(zip(b, columns(list(b), True), strict=True)) for b in betas]
    C, H = np.zeros((T + 1, n, n)), np.zeros((T + 1, n, n))
    counts, rates, level = (np.zeros((T, 2, n, n)) for _ in range(3))
    wave = np.zeros((n, n))
    half = HalfLife.parse(HALF_LIFE).host or np.inf
    for t in range(T):
        view = PastView(Past(t, C[t], H[t], C[t] > 0, H[t] > 0), "min", True)
        wave = 0.8 * wave + 0.3 * rng.normal(size=(n, n))
        for r in (0, 1):
            eta = level[t, r] = own[r] + (wave if r else 0.0)
            for name, column in at[r].items():
                eta = eta + betas[r][name] * np.log1p(column.compute(view))
            rates[t, r] = np.exp(eta)
            np.fill_diagonal(rates[t, r], 0.0)
            counts[t, r] = rng.poisson(rates[t, r])
        kept = 2.0 ** (-(days[t + 1] - days[t]) / half)
        C[t + 1], H[t + 1] = (C[t] + counts[t, 0]) * kept, (H[t] + counts[t, 1]) * kept
    sl = from_arrays(
        counts[:, 0], counts[:, 1], directed=True, edges=days, length=Duration(1, "mo"), observed=np.arange(T) >= BEFORE
    )
    first = BEFORE + int(0.6 * (T - BEFORE))
    targets = np.argsort(-counts[:first, 1, k].sum(axis=0))
    return World(sl, rates, C[:T], H[:T], level, betas, k, int(targets[0]), int(targets[1]), first)


def halved(w: World) -> Change:
    """k's hostility towards i at one half."""
    return Change(w.k, w.i, "host", 0.5, None, np.arange(w.slices.n_slices) >= w.first)


def true_direct(w: World) -> float:
    """What the pair's expected cooperation loses, through what k's hostility towards i adds to the shared threat."""
    effect = w.betas[0]["shared_threat"]
    days = w.slices.edges
    lost, total = 0.0, 0.0
    half = HalfLife.parse(HALF_LIFE).host or np.inf
    for t in range(w.first, w.slices.n_slices):
        H = w.H[t].copy()
        S = np.minimum(H[:, w.i], H[:, w.j]).sum()
        H[w.k, w.i] -= lost
        less = np.minimum(H[:, w.i], H[:, w.j]).sum()
        mu = w.rates[t, 0, w.i, w.j] + w.rates[t, 0, w.j, w.i]
        total += mu * np.expm1(effect * (np.log1p(less) - np.log1p(S)))
        at = w.slices.entries(t)
        hit = w.slices.dyad[at] == w.k * w.slices.n_actors + w.i
        lost = (lost + 0.5 * w.slices.host_count[at][hit].sum()) * 2.0 ** (-(days[t + 1] - days[t]) / half)
    return float(total)


Coefficients = tuple[dict[str, Floats], dict[str, Floats]]
"""By sign: column -> (draws,) or (1,)."""
Levels = tuple[Floats, Floats]
"""By sign: (T, draws or 1, N, N) log rates without a history."""


def true_rates(w: World) -> tuple[Coefficients, Levels]:
    """What the world was drawn with: the effects, the levels and the waves that there were."""
    coop, host = ({name: np.array([b]) for name, b in betas.items()} for betas in w.betas)
    return (coop, host), (w.level[:, 0, None], w.level[:, 1, None])


def differences(w: World, betas: Coefficients, levels: Levels, draws: int, seed: int) -> tuple[Floats, Floats]:
    """(draws,) differences of the pair's expected cooperation, and of its events, between the world that there was and
    the one with the halved flow, in which every event that still would have happened happens."""
    rng = np.random.default_rng(seed)
    days, half = w.slices.edges, HalfLife.parse(HALF_LIFE).host or np.inf
    made = [dict(zip(b, columns(list(b), True), strict=True)) for b in betas]
    now = [np.repeat(W[w.first][None], draws, axis=0) for W in (w.C, w.H)]
    expected, events = np.zeros(draws), np.zeros(draws)
    for t in range(w.first, w.slices.n_slices):
        rates = []
        for C, H in ((w.C[t][None], w.H[t][None]), now):
            view = PastView(Past(t, C, H, C > 0, H > 0), "min", True)
            x = {name: np.log1p(column.compute(view)) for name, column in (made[0] | made[1]).items()}
            eta = [
                sum(b[:, None, None] * x[name] for name, b in of.items()) + L[t]
                for of, L in zip(betas, levels, strict=True)
            ]
            rates.append(
                [np.broadcast_to(np.exp(e) * ~np.eye(C.shape[1], dtype=bool), now[0].shape).copy() for e in eta]
            )
        seen = [w.seen(t, r) for r in (0, 1)]
        for k, share in ((0, 1.0), (1, 0.5)):
            rates[k][1][:, w.k, w.i] = share * seen[1][w.k, w.i]
        kept = 2.0 ** (-(days[t + 1] - days[t]) / half)
        for r in (0, 1):
            stays, more = kept_and_more(rates[0][r], rates[1][r])
            drawn = counterfactual(rng, seen[r], stays, more)
            if r == 0:
                for total, changed in ((expected, seen[r] * stays + more), (events, drawn)):
                    gap = changed - seen[r]
                    total += gap[:, w.i, w.j] + gap[:, w.j, w.i]
            now[r] = (now[r] + drawn) * kept
    return expected, events


def question() -> ModelSpec:
    """Of the within-pair model, at the worlds' own scales."""
    scales = dict.fromkeys((c.name for c in columns(EFFECTS.split(","), True)), 1.0)
    asked = ModelSpec.of(model="within", slice="1mo", half_life=HALF_LIFE, effects=EFFECTS, scales=scales)
    return asked.resolve(directed=True)


def one_whatif(seed: int, effect: float, inertia: float, draws: int, n: int, T: int) -> dict[str, float]:
    """What one world shows: the answers, and what is true of it."""
    w, spec = world(seed, n, T, effect, inertia), question()
    fit = fit_within(w.slices, spec, alternatives=True)
    d, true = direct(fit, w.i, w.j, [halved(w)], 1000, seed).found, true_direct(w)
    found = {"seed": seed, "direct": d.difference, "true": true}
    found |= {"covered": d.low <= true <= d.high, "zero": d.low <= 0 <= d.high}
    if draws:
        design = build_design(w.slices, replace(spec, model="rate"))
        s = consequences(design, w.i, w.j, [halved(w)], "cooperation", draws, seed).found
        expected, events = differences(w, *true_rates(w), TRUE_DRAWS, seed + 10_000)
        found |= {"forecast": s.difference, "happens": expected.mean()}
        found |= {"held": s.low <= events[0] <= s.high, "zero held": s.low <= 0 <= s.high}
    return {name: float(value) for name, value in found.items()}


def kept(
    seeds: range, file: Path | None, question: str, one: Callable[[int], dict[str, float]]
) -> list[dict[str, float]]:
    """One world after the other; those that a file holds of the same question are not drawn anew."""
    known = [json.loads(line) for line in file.read_text().splitlines()] if file and file.exists() else []
    there = {int(k["found"]["seed"]): k["found"] for k in known if k["question"] == question}
    for seed in seeds:
        if seed not in there:
            there[seed] = one(seed)
            if file:
                with file.open("a") as out:
                    out.write(json.dumps({"question": question, "found": there[seed]}) + "\n")
    return [there[seed] for seed in seeds]


def run_whatif(seeds: range, effect: float, inertia: float, draws: int, n: int, T: int, file: Path | None) -> None:
    said = f"{n} actors, {T} periods, shared threat {effect:g}, inertia {inertia:g}"
    found = kept(seeds, file, f"whatif, {said}, {draws} draws", lambda s: one_whatif(s, effect, inertia, draws, n, T))
    mean = {name: np.mean([f[name] for f in found]) for name in found[0]}
    print(f"{len(seeds)} worlds, {said}", flush=True)
    print(f"direct: mean {mean['direct']:.3f}, true {mean['true']:.3f}; ", end="")
    print(f"interval covers the truth in {mean['covered']:.1%}, zero in {mean['zero']:.1%}")
    if draws:
        happens, forecast = (np.array([f[name] for f in found]) for name in ("happens", "forecast"))
        print(f"with consequences: mean {forecast.mean():.3f}, true {happens.mean():.3f}", end="")
        print(f" ({against(forecast, happens)})" if effect else "", end="; ")
        print(f"interval holds a drawn difference in {mean['held']:.1%}, zero in {mean['zero held']:.1%}")


def against(found: Floats, truth: Floats) -> str:
    """Error of a mean, with the standard error of the ratio (delta method)."""
    ratio = found.mean() / truth.mean()
    error = np.std(found - ratio * truth, ddof=1) / np.sqrt(len(truth)) / abs(truth.mean())
    return f"error {ratio - 1:+.1%}, se {error:.1%}"


PARTS = {
    "cooperation as estimated, hostility true": "c",
    "hostility as estimated, cooperation true": "h",
    "both as estimated": "ch",
    "both, coefficients drawn": "chd",
}


def one_parts(seed: int, effect: float, inertia: float, draws: int, n: int, T: int) -> dict[str, float]:
    """The forecast of one world with one part after the other as estimated; and the coefficients."""
    w = world(seed, n, T, effect, inertia)
    (true, level), truth = true_rates(w), differences(w, *true_rates(w), TRUE_DRAWS, seed + 10_000)[0]
    forward, _ = prepare(build_design(w.slices, replace(question(), model="rate")), w.first, draws, seed)
    found = {"seed": seed, "happens": truth.mean()}
    for part, which in PARTS.items():
        betas, levels = list(true), list(level)
        for r in (r for r in (0, 1) if "ch"[r] in which):
            b, base = forward.betas[r], forward.base[r]
            b, base = (b, base) if "d" in which else (b.mean(axis=0)[None], base.mean(axis=0)[None])
            betas[r] = {c.name: b[:, k] for k, c in enumerate(forward.columns)}
            with np.errstate(divide="ignore"):  # nobody acts on itself
                later = base.T[:, :, None, None] + np.log(forward.effects()[r])
            levels[r] = np.concatenate([np.broadcast_to(0.0, (w.first, *later.shape[1:])), later])
            for name, values in betas[r].items():
                found[f"{('cooperation', 'hostility')[r]} {name}"] = values.mean()
        found[part] = differences(w, (betas[0], betas[1]), (levels[0], levels[1]), draws, seed)[0].mean()
    return {name: float(value) for name, value in found.items()}


def run_parts(seeds: range, effect: float, inertia: float, draws: int, n: int, T: int, file: Path | None) -> None:
    said = f"{n} actors, {T} periods, shared threat {effect:g}, inertia {inertia:g}"
    found = kept(seeds, file, f"parts, {said}, {draws} draws", lambda s: one_parts(s, effect, inertia, draws, n, T))
    happens = np.array([f["happens"] for f in found])
    print(f"{len(seeds)} worlds, {said}: true mean {happens.mean():.3f}")
    for part in PARTS:
        forecast = np.array([f[part] for f in found])
        print(f"{part}: mean {forecast.mean():.3f} ({against(forecast, happens)})")
    for name in (name for name in found[0] if name.startswith(("cooperation ", "hostility ")) and name not in PARTS):
        values = np.array([f[name] for f in found])
        print(f"{name}: mean {values.mean():.3f} (se {values.std(ddof=1) / np.sqrt(len(values)):.3f})")


def flows(rng: np.random.Generator, T: int, lag: int | None) -> tuple[Floats, Floats]:
    """Counts by period of two flows, as (T, 2, 2): autocorrelated, trending; the second follows, or not."""

    def series() -> Floats:
        z = np.zeros(T)
        for t in range(1, T):
            z[t] = 0.7 * z[t - 1] + 0.5 * rng.normal()
        return z + rng.uniform(-2, 2) * np.linspace(0, 1, T)

    one, other = series(), series()
    if lag is not None:
        other = 0.7 * np.concatenate([one[:lag], one[:-lag]]) + 0.7 * other
    given, returned = np.zeros((T, 2, 2)), np.zeros((T, 2, 2))
    given[:, 0, 1], returned[:, 1, 0] = rng.poisson(np.exp(2 + one)), rng.poisson(np.exp(2 + other))
    return given, returned


def run_exchange(seeds: int, T: int) -> None:
    seen = np.ones(T, dtype=bool)
    for what, lag in (("independent", None), ("planted, three periods later", 3)):
        found = [exchange(*flows(np.random.default_rng(s), T, lag), (0, 1), seen, 6) for s in range(1, seeds + 1)]
        right = "" if lag is None else f"; at the right lag in {np.mean([f.lag == lag for f in found]):.1%}"
        print(f"{what}: found in {np.mean([f.verdict == 'supported' for f in found]):.1%} of {seeds}{right}")


def run_wedge(worlds: int) -> None:
    rng, same = np.random.default_rng(1), 0
    for _ in range(worlds):
        A = int(rng.integers(3, 9))
        one, both = rng.normal(-1, 1, A), np.triu(rng.normal(0, 1, (A, A)), 1)
        both, easing = both + both.T, rng.uniform(0, 2, A)
        budget = float(rng.choice([np.inf, easing.sum() / 2]))
        found = wedge(Gains(np.tile(one, (3, 1)), np.tile(both, (3, 1, 1)), easing), budget)
        least = 0.0
        for size in range(1, A + 1):
            for some in itertools.combinations(range(A), size):
                if sum(easing[list(some)]) <= budget:
                    pairs = itertools.combinations(some, 2)
                    least = min(least, sum(one[list(some)]) + sum(both[a, b] for a, b in pairs))
        mine = min([0.0, *(o.change[0] for o in found.options)])
        same += abs(mine - least) < 1e-9
    print(f"{same} of {worlds} worlds: the same optimum")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("whatif", "parts", "exchange", "wedge"))
    parser.add_argument("--seeds", type=int, default=200)
    parser.add_argument("--worlds", type=int, default=100)
    parser.add_argument("--effect", type=float, default=0.4)
    parser.add_argument("--inertia", type=float, default=0.3)
    parser.add_argument("--draws", type=int, default=200)
    parser.add_argument("--actors", type=int, default=24)
    parser.add_argument("--periods", type=int, default=0)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--kept", type=Path)
    options = parser.parse_args()
    seeds = range(options.first, options.first + options.seeds)
    warnings.simplefilter("ignore")
    if options.what in ("whatif", "parts"):
        run = run_whatif if options.what == "whatif" else run_parts
        asked = (options.effect, options.inertia, options.draws, options.actors, options.periods or 60)
        run(seeds, *asked, options.kept)
    elif options.what == "exchange":
        run_exchange(options.seeds, options.periods or 96)
    else:
        run_wedge(options.worlds)


if __name__ == "__main__":
    main()
