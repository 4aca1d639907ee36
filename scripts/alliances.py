"""Common enemies and alliances, 1946 to 2014: a claim that "works", and that the certificate must not let pass.

    python scripts/alliances.py --shared DIR [--only TEXT] [--newborn] [--formation]

DIR is the folder that holds ``data/states``. Who shares enemies becomes allies: in a plain regression the count of
common enemies of the *past* goes with new alliances. So does the count of *future* ones, which no ally can have seen.

Enemies are two states in a militarized dispute (COW, both ways: who began it is left out); a common enemy is a third
state with which both were. Alliances are ATOP's. Eight specifications: any pact, or pacts of defence; all disputes, or
those in which either side used force (level 4 or 5); periods of one year, or of two. Actors are the states with a pact
and a dispute of any kind in these years. Three things are printed of each:

**Regression.** New alliances (a pact in a year, none in the year before) among the pairs at risk: no pact in the year
before the period, and both in the state system (COW) from three periods before to three after, so that neither count is
zero because a state was not there yet, or no more (``--newborn`` asks of all pairs in the system in the period, and new
states then favour the future). Conditional likelihood with a base rate a period (:mod:`tertius.model.rate.likelihood`),
log(1 + count of common enemies) in the three periods before, and in the three after: each alone, then both. Nothing
else is held constant: that is what makes it plain. The periods are those of the certificate.

**Within pairs.** The standing alliance (0 or 1), M's terms: decayed past and mirrored future of common enemies, with
inertia, and the same without inertia. Legs combine by the geometric mean, as in the certificate.

**Certificate.** :func:`tertius.answers.certificate.certify` on the standing alliance as undirected data. With effects
of pairs the *new* alliance cannot be the outcome: most pairs form one alliance or none, and the fit runs to infinity
(``--formation`` tries it and prints the refusal; minutes). A refusal is no failed certificate and is not counted.

z is with the larger of the actor jackknife and the dyad-clustered variance. A future coefficient counts as "at least as
large" by its size, whatever its error.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import duckdb
import numpy as np

from tertius.answers.certificate import certify, periods_left
from tertius.answers.certificate.models import (
    INERTIA_HALF_LIVES,
    LAG,
    LEAD,
    STATE_HALF_LIFE,
    future_state,
    logs,
    past_state,
    typical,
    window_sums,
)
from tertius.answers.certificate.rule import RULES, STRICT, Z_CLEAR
from tertius.effects.two_path import prepared_leg, two_path
from tertius.errors import TertiusError
from tertius.events.slices import Bools, DyadSlices, Floats, edges
from tertius.model.rate.likelihood import slice_terms
from tertius.model.robust import Covariances, contrast_variance, covariances
from tertius.model.within.ppml import fit_ppml
from tertius.spec import Duration
from tertius.worlds import slices_of

FIRST, LAST = 1946, 2014
FORCE = 4
CONDITIONS = RULES[STRICT]
SHORT = ("lag", "order", "mem", "mem o.", "reverse", "now", "lead")


@dataclass(frozen=True, slots=True)
class Spec:
    """One way of asking."""

    pact: str
    disputes: str
    years: int

    def __str__(self) -> str:
        return f"{self.pact}, {self.disputes}, {self.years}y"


SPECS = tuple(Spec(*s) for s in product(("any pact", "defence"), ("all MIDs", "force"), (1, 2)))


@dataclass(frozen=True, slots=True)
class States:
    """Alliances, disputes and membership. N states, Y years.

    Attributes
    ----------
    names : N codes.
    member : (Y, N) whether in the state system in the year.
    standing : by pact, (Y + 1, N, N) symmetric, 1 where it stands; the first year is the one before the others.
    enemies : by kind of dispute, (Y, N, N) symmetric, 1 where the two were on opposite sides of one.
    """

    names: tuple[str, ...]
    member: Bools
    standing: dict[str, Floats]
    enemies: dict[str, Floats]


@dataclass(frozen=True, slots=True)
class Found:
    """Coefficients, in log points for one unit of the logged count, with their z."""

    names: tuple[str, ...]
    beta: Floats
    z: Floats

    def __getitem__(self, name: str) -> tuple[float, float]:
        if name not in self.names:  # absorbed
            return float("nan"), float("nan")
        at = self.names.index(name)
        return float(self.beta[at]), float(self.z[at])


def read_states(folder: Path, first: int = FIRST, last: int = LAST) -> States:
    """The tables ``atop_alliance``, ``cow_mid_directed`` and ``cow_states`` of a folder."""
    con = duckdb.connect()

    def rows(sql: str) -> list[tuple[int, ...]]:
        return con.execute(sql).fetchall()

    span = f"year BETWEEN {first} AND {last}"
    pacts = f"(SELECT ccode1 a, ccode2 b, year, atop_defense FROM '{folder}/atop_alliance.parquet')"
    mids = f"'{folder}/cow_mid_directed.parquet'"
    allied = {c for row in rows(f"SELECT a, b FROM {pacts} WHERE {span}") for c in row}
    fought = {c for row in rows(f"SELECT ccode1, ccode2 FROM {mids} WHERE {span}") for c in row}
    codes = sorted(allied & fought)

    def cube(found: Iterable[tuple[int, ...]], since: int) -> Floats:
        at = {code: n for n, code in enumerate(codes)}
        out = np.zeros((last - since + 1, len(codes), len(codes)))
        for a, b, year in found:
            if a in at and b in at:
                out[year - since, at[a], at[b]] = out[year - since, at[b], at[a]] = 1.0
        return out

    before = f"year BETWEEN {first - 1} AND {last}"
    member = np.zeros((last - first + 1, len(codes)), dtype=bool)
    for code, begins, ends in rows(f"SELECT ccode, styear, endyear FROM '{folder}/cow_states.parquet'"):
        if code in codes and ends >= first and begins <= last:
            member[max(0, begins - first) : ends - first + 1, codes.index(code)] = True
    level = f"greatest(hostlev1, hostlev2) >= {FORCE}"
    return States(
        names=tuple(f"COW:{code}" for code in codes),
        member=member,
        standing={
            "any pact": cube(rows(f"SELECT a, b, year FROM {pacts} WHERE {before}"), first - 1),
            "defence": cube(rows(f"SELECT a, b, year FROM {pacts} WHERE {before} AND atop_defense > 0"), first - 1),
        },
        enemies={
            "all MIDs": cube(rows(f"SELECT ccode1, ccode2, year FROM {mids} WHERE {span}"), first),
            "force": cube(rows(f"SELECT ccode1, ccode2, year FROM {mids} WHERE {span} AND {level}"), first),
        },
    )


def by_periods(x: Floats, years: int) -> Floats:
    """(T, ...) whether it holds in any year of the period; years that do not fill a period are cut at the beginning.

    >>> by_periods(np.array([1.0, 0, 0, 0, 1]), 2).tolist()
    [0.0, 1.0]
    """
    x = x[len(x) % years :]
    return np.asarray(x.reshape(-1, years, *x.shape[1:]).max(axis=1))


def throughout(x: Bools, first: int, last: int) -> Bools:
    """(T, ...) whether it holds in all the periods t + first, ..., t + last that are inside the data.

    >>> throughout(np.array([False, True, True, True]), -1, 1).tolist()
    [False, False, True, True]
    """
    T = len(x)
    return np.stack([x[max(0, t + first) : min(T, t + last + 1)].all(axis=0) for t in range(T)])


def as_slices(C: Floats, H: Floats, names: Sequence[str], years: int) -> DyadSlices:
    """Symmetric 0/1 arrays as undirected data, one slice a period that ends with the last year."""
    length = Duration.parse(f"{years}y")
    begins = edges(Duration.parse("1y"), LAST + 1 - len(C) * years, LAST)[::years]
    made = slices_of(C, H / 2, directed=False)  # which adds both ways
    return replace(made, actors=tuple(names), length=length, edges=begins)


def common_enemies(H: Floats, legs: str) -> Floats:
    """(T, N, N) sum over third states of m(H_ik, H_kj), with H symmetric."""
    made = [two_path(leg, leg, legs) for leg in (prepared_leg(h, legs) for h in H)]
    return np.stack([(path + path.T) / 2 for path in made])


def plain_regression(new: Floats, at_risk: Bools, terms: dict[str, Floats]) -> Found:
    """Conditional likelihood of ``new`` (T, N, N), one base rate a period, over the pairs i < j ``at_risk``.

    ``terms`` (T, N, N) each. Newton from zero; the variance is the larger of jackknife and dyad-clustered.
    """
    T, n = new.shape[:2]
    i, j = np.triu_indices(n, 1)
    X = np.stack([x[:, i, j] for x in terms.values()], axis=1)
    y, out = new[:, i, j], ~at_risk[:, i, j]
    y = np.where(out, 0.0, y)
    periods = [t for t in range(T) if y[t].any()]
    events = {t: np.flatnonzero(y[t]) for t in periods}
    beta = np.zeros(len(terms))
    for _ in range(50):
        parts = [slice_terms(X[t], events[t], y[t][events[t]], beta, out[t]) for t in periods]
        step = np.linalg.solve(sum(p.information for p in parts), sum(p.gradient for p in parts))
        beta = beta + np.clip(step, -2, 2)
        if np.abs(step).max() < 1e-10:
            break
    else:
        raise RuntimeError(f"the regression on {', '.join(terms)} does not converge")
    U, information = np.zeros((len(i), len(terms))), np.zeros((len(i), len(terms), len(terms)))
    for t, part in zip(periods, parts, strict=True):
        centred = (X[t] - part.centre[:, None]).T
        mean = part.total * part.probability
        U += (y[t] - mean)[:, None] * centred
        information += mean[:, None, None] * centred[:, :, None] * centred[:, None, :]
    return _found(tuple(terms), beta, covariances(U, information, i, j, n))


def within_pairs(C: Floats, kept: Bools, terms: dict[str, Floats]) -> Found:
    """The within-pair model of C on ``terms`` in the periods kept."""
    fit = fit_ppml(C[kept], np.stack([x[kept] for x in terms.values()]), directed=False, names=tuple(terms))
    cov = covariances(fit.U_d, fit.H_d, fit.i, fit.j, fit.N, left_out=fit.left_out)
    return _found(fit.names, fit.beta, cov)


def _found(names: tuple[str, ...], beta: Floats, cov: Covariances) -> Found:
    variance = contrast_variance(cov, np.eye(len(beta)))
    se = np.sqrt(np.where(variance > 0, variance, np.nan))
    return Found(names, beta, beta / se)


@dataclass(frozen=True, slots=True)
class Row:
    """What one specification says; the certificate's part is None where L was refused."""

    spec: Spec
    n_actors: int
    n_periods: int
    formed: int
    alone: tuple[tuple[float, float], tuple[float, float]]
    both: tuple[tuple[float, float], tuple[float, float]]
    states: tuple[tuple[float, float], tuple[float, float]]
    no_inertia: tuple[tuple[float, float], tuple[float, float]]
    windows: tuple[tuple[float, float], tuple[float, float]] | None
    z: tuple[float, ...] | None
    held: tuple[bool, ...] | None
    passed: bool | None
    refused: str = ""


def ask(spec: Spec, states: States, newborn: bool = False) -> Row:
    """The regression, the within-pair coefficients and the certificate of one specification."""
    standing = states.standing[spec.pact]
    H = by_periods(states.enemies[spec.disputes], spec.years)
    C = by_periods(standing[1:], spec.years)
    new = by_periods(standing[1:] * (1 - standing[:-1]), spec.years)
    cut = len(states.member) % spec.years
    free = standing[:-1][cut :: spec.years] == 0  # no pact in the year before the period
    member = by_periods(states.member.astype(float), spec.years) > 0
    kept = periods_left(np.ones(len(C), dtype=bool))

    counts = {
        name: np.log1p(common_enemies(window_sums(H, *window), "binary"))
        for name, window in (("past", LAG), ("future", LEAD))
    }
    if not newborn:
        member = throughout(member, LAG[0], LEAD[1])
    at_risk = free & member[:, :, None] & member[:, None, :] & kept[:, None, None]
    alone = [plain_regression(new, at_risk, {name: x})[name] for name, x in counts.items()]
    both = plain_regression(new, at_risk, counts)

    c = typical(H)
    states_of = {"past": past_state(H, STATE_HALF_LIFE), "future": future_state(H, STATE_HALF_LIFE)}
    foes = {name: logs(common_enemies(W, "sqrt"), c) for name, W in states_of.items()}
    inertia = {f"inertia {h:g}": logs(past_state(C, h), typical(C)) for h in INERTIA_HALF_LIVES}
    M, bare = within_pairs(C, kept, {**foes, **inertia}), within_pairs(C, kept, foes)

    windows = z = held = passed = None
    refused = ""
    try:
        found = certify(as_slices(C, H, states.names, spec.years), response="count")
        by_window = {(p.first, p.last): (p.estimate, p.z) for p in found.profile}
        windows = (by_window[LAG], by_window[LEAD])
        z = tuple(found.statistics[name].statistic for name in CONDITIONS)
        held = tuple(found.statistics[name].passed for name in CONDITIONS)
        passed = found.passed
    except TertiusError as error:
        refused = error.message
    return Row(
        spec=spec,
        n_actors=len(states.names),
        n_periods=int(kept.sum()),
        formed=round(float(np.triu(new * at_risk).sum())),
        alone=(alone[0], alone[1]),
        both=(both["past"], both["future"]),
        states=(M["past"], M["future"]),
        no_inertia=(bare["past"], bare["future"]),
        windows=windows,
        z=z,
        held=held,
        passed=passed,
        refused=refused,
    )


def try_formation(spec: Spec, states: States) -> str:
    """What the certificate says with the new alliance as the outcome."""
    standing = states.standing[spec.pact]
    new = by_periods(standing[1:] * (1 - standing[:-1]), spec.years)
    H = by_periods(states.enemies[spec.disputes], spec.years)
    try:
        found = certify(as_slices(new, H, states.names, spec.years), response="count")
    except TertiusError as error:
        return f"refused: {error.message}"
    return "passes" if found.passed else f"fails: {' '.join(found.reasons)}"


def line(row: Row) -> str:
    """One row of the table: coefficients with z in brackets."""
    cells = (*row.alone, *row.both, *row.states, *row.no_inertia, *(row.windows or ()))
    text = f"{row.spec!s:<23}{row.n_actors:>4}{row.n_periods:>4}{row.formed:>6} "
    text += "".join(f"{f'{b:.2f} ({z:.1f})':>14}" for b, z in cells)
    if row.z is None:
        return f"{text}  refused: {row.refused}"
    return text + " " + "".join(f"{z:>7.1f}" for z in row.z) + ("    yes" if row.passed else "     no")


def heading() -> tuple[str, str]:
    """The two lines above the table."""
    groups = ("each alone", "both", "M (inertia)", "without inertia", "L's windows")
    above = f"{'':<38}" + "".join(f"{g:^28}" for g in groups) + f" {'certificate: z of the conditions':^49}"
    below = f"{'specification':<23}{'N':>4}{'T':>4}{'new':>6} " + "".join(
        f"{n:>14}" for _ in range(4) for n in ("past", "future")
    )
    below += "".join(f"{n:>14}" for n in ("[-3,-1]", "[+1,+3]"))
    return above, below + " " + "".join(f"{s:>{8 if s == 'reverse' else 7}}" for s in SHORT) + " passes"


def last_lines(rows: Sequence[Row]) -> list[str]:
    """The counts."""
    n = len(rows)
    asked = [r for r in rows if r.z is not None]

    def at_least(pairs: Iterable[tuple[tuple[float, float], tuple[float, float]]]) -> int:
        return sum(future[0] >= past[0] for past, future in pairs)

    works = sum(r.alone[0][1] > Z_CLEAR for r in rows)
    future_works = sum(r.alone[1][1] > Z_CLEAR for r in rows)
    named = ", ".join(f"{c} {sum(not r.held[k] for r in asked if r.held)}" for k, c in enumerate(CONDITIONS))
    alone, both = at_least(r.alone for r in rows), at_least(r.both for r in rows)
    return [
        f"regression: past alone z > {Z_CLEAR} in {works} of {n}, future alone in {future_works} of {n}; "
        f"future at least as large: alone in {alone}, both together in {both} of {n}",
        f"within pairs: future at least as large in M {at_least(r.states for r in rows)} of {n}, without inertia "
        f"{at_least(r.no_inertia for r in rows)} of {n}, in L's windows "
        f"{at_least(r.windows for r in asked if r.windows)} of {len(asked)}",
        f"certificate: fails in {sum(not r.passed for r in asked)}, passes in {sum(bool(r.passed) for r in asked)}, "
        f"refused in {n - len(asked)} of {n}; conditions that fail: {named}",
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, required=True, help="the folder that holds data/states")
    parser.add_argument("--only", default="", help="specifications whose name holds this text")
    parser.add_argument("--newborn", action="store_true", help="regression: also states that were not there all along")
    parser.add_argument("--formation", action="store_true", help="try the new alliance as outcome of the certificate")
    args = parser.parse_args()
    states = read_states(args.shared / "data" / "states")
    print(f"{len(states.names)} states with a pact and a dispute, {FIRST} to {LAST}; coefficient (z)")
    chosen = [s for s in SPECS if args.only in str(s)]
    if args.formation:
        for spec in chosen:
            print(f"{spec!s:<23} new alliance: {try_formation(spec, states)}", flush=True)
        return
    print("\n".join(heading()), flush=True)
    rows = []
    for spec in chosen:
        rows.append(ask(spec, states, args.newborn))
        print(line(rows[-1]), flush=True)
    print("\n".join(last_lines(rows)))


if __name__ == "__main__":
    main()
