"""Price and what if once more, from raw rows alone: months, histories, columns, expected events and sums written anew.

Of tertius only the coefficients are taken, as its JSON prints them.
"""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import tertius
from tertius.study import price, whatif

HALF_LIFE = 90.0
TERMS = ("inertia.coop", "inertia.host", "popularity.coop", "popularity.host", "shared_threat")
ASKED: dict[str, Any] = {
    "model": "rate", "effects": "inertia,popularity,shared_threat", "slice": "1mo", "half_life": "90d", "legs": "min",
}  # fmt: skip
MADE = ["CHN", "DEU", "FRA", "IND", "PRK", "RUS", "USA"]


def made_rows() -> pd.DataFrame:
    """Three years of events between seven states."""
    rng = np.random.default_rng(11)
    n = 3_000
    source = rng.integers(0, 7, n)
    level = rng.gamma(1.0, 1.0, (7, 7)).ravel()
    target = (source + rng.integers(1, 7, n)) % 7
    kept = rng.random(n) < level[source * 7 + target]
    day = np.datetime64("2015-01-01") + rng.integers(0, 1095, n)
    rows = {"date": day, "source": np.array(MADE)[source], "target": np.array(MADE)[target]}
    return pd.DataFrame(rows | {"quad": rng.choice([1, 2, 3, 4], n)})[kept]


def icews_rows(shared: Path) -> pd.DataFrame:
    """Events of ICEWS18 between eight states."""
    table = pd.read_parquet(shared / "icews18" / "events.parquet").drop(columns=["source", "target"])
    table = table.rename(columns={"source_iso3": "source", "target_iso3": "target"})
    some = ["CHN", "IRN", "ISR", "PRK", "RUS", "SYR", "TUR", "USA"]
    table = table[table.source.isin(some) & table.target.isin(some) & (table.source != table.target)]
    return table[["date", "source", "target", "quad"]]


class ByHand:
    """Arrays by month: events of both signs (T, N, N), histories before each month, columns, expected cooperation."""

    def __init__(self, rows: pd.DataFrame, coefficients: dict[str, float]) -> None:
        days = pd.to_datetime(rows.date)
        month = days.dt.year * 12 + days.dt.month - 1
        self.first = int(month.min())
        self.actors = sorted({*rows.source, *rows.target})
        place = {a: k for k, a in enumerate(self.actors)}
        T, n = int(month.max()) - self.first + 1, len(self.actors)
        self.Y = np.zeros((2, T, n, n))
        hostile = (rows.quad >= 3).astype(int)
        for sign, t, a, b in zip(hostile, month - self.first, rows.source, rows.target, strict=True):
            self.Y[sign, t, place[a], place[b]] += 1.0
        starts = [date((self.first + t) // 12, (self.first + t) % 12 + 1, 1) for t in range(T + 1)]
        self.starts, self.place = starts, place
        self.kept = [2.0 ** (-(b - a).days / HALF_LIFE) for a, b in pairwise(starts)]
        self.off = ~np.eye(n, dtype=bool)
        self.beta = np.array([coefficients[term] for term in TERMS])
        C, H = (self.history(y) for y in self.Y)
        raw = self.raw(C, H)
        self.used = np.array([(C[t] + H[t]).any() for t in range(T)])
        self.c = [np.median(x[self.used][:, self.off][x[self.used][:, self.off] > 0]) for x in raw]
        self.H = H
        self.x = self.columns(C, H)
        eta = np.tensordot(self.beta, self.x, 1)
        share = np.where(self.off, np.exp(eta), 0.0)
        share /= share.sum(axis=(1, 2), keepdims=True)
        self.mu = share * self.Y[0].sum(axis=(1, 2))[:, None, None]

    def history(self, y: np.ndarray) -> np.ndarray:
        W = np.zeros((len(y) + 1, *y.shape[1:]))
        for t in range(len(y)):
            W[t + 1] = (W[t] + y[t]) * self.kept[t]
        return W[:-1]

    @staticmethod
    def raw(C: np.ndarray, H: np.ndarray) -> list[np.ndarray]:
        n = C.shape[1]
        popular = [np.broadcast_to(W.sum(axis=1)[:, None, :], W.shape) for W in (C, H)]
        threat = np.zeros_like(H)
        for k in range(n):
            threat += np.minimum(H[:, k, :, None], H[:, k, None, :])
        return [C, H, *popular, threat]

    def columns(self, C: np.ndarray, H: np.ndarray) -> np.ndarray:
        return np.stack([np.log1p(x / c) for x, c in zip(self.raw(C, H), self.c, strict=True)])

    def since(self, day: str, end: str = "9999") -> np.ndarray:
        return self.used & np.array([day <= str(d) <= end for d in self.starts[:-1]])

    def price(self, k: str, adversaries: list[str], day: str, end: str) -> np.ndarray:
        """(A, A) change with one standard deviation more hostility of k towards each, in some months."""
        k_, some = self.place[k], [self.place[a] for a in adversaries]
        found, beta = np.zeros((len(some), len(some))), self.beta[-1]
        for a, i in enumerate(some):
            step = self.H[:, k_, i].std()
            for b, j in enumerate(some):
                if i == j:
                    continue
                for t in np.flatnonzero(self.since(day, end)):
                    S = sum(min(self.H[t, m, i], self.H[t, m, j]) for m in range(len(self.actors)))
                    more = S - min(self.H[t, k_, i], self.H[t, k_, j]) + min(self.H[t, k_, i] + step, self.H[t, k_, j])
                    moved = np.log1p(more / self.c[-1]) - np.log1p(S / self.c[-1])
                    found[a, b] += (self.mu[t, i, j] + self.mu[t, j, i]) * (np.exp(beta * moved) - 1)
        return found

    def whatif(self, k: str, i: str, j: str, factor: float, day: str) -> tuple[float, float]:
        """Expected cooperation of i and j as it was and as changed, with the hostility of k to i times a factor."""
        changed = self.Y[1].copy()
        changed[self.since(day), self.place[k], self.place[i]] *= factor
        x = self.columns(self.history(self.Y[0]), self.history(changed))
        grown = np.exp(np.tensordot(self.beta, x - self.x, 1))
        a, b, late = self.place[i], self.place[j], self.since(day)
        both = [(m[late, a, b] + m[late, b, a]).sum() for m in (self.mu, self.mu * grown)]
        return float(both[0]), float(both[1])


def hold(rows: pd.DataFrame, k: str, adversaries: list[str], before: str, day: str, end: str) -> None:
    """Price and what if of tertius are those by hand."""
    fit = tertius.fit(rows, **ASKED).to_dict()
    by_hand = ByHand(rows, {c["term"]: c["estimate"] for c in fit["coefficients"]})
    reference = (str(pd.to_datetime(rows.date).min().date()), before)
    found = price(
        k,
        rows,
        adversaries=adversaries,
        window=(day, end),
        reference=reference,
        certificate=False,
        cache=False,
        **ASKED,
    ).to_dict()
    slow = by_hand.price(k, adversaries, day, end)
    assert np.abs(slow).max() > 0
    for line in found["adversaries"]:
        for other in line["with"]:
            one = slow[adversaries.index(line["actor"]), adversaries.index(other["actor"])]
            assert other["change"] == pytest.approx(one, rel=1e-7, abs=1e-10)
    i, j = adversaries[:2]
    asked = whatif(
        i, j, rows, sets=f"{k}>{i} host x0.5 from {day}", draws=0, certificate=False, cache=False, **ASKED
    ).to_dict()
    baseline, changed = by_hand.whatif(k, i, j, 0.5, day)
    assert asked["direct"]["baseline"] == pytest.approx(baseline, rel=1e-7)
    assert asked["direct"]["difference"] == pytest.approx(changed - baseline, rel=1e-6, abs=1e-9)
    assert {m["term"] for m in asked["moved"]} == {"popularity.host", "shared_threat"}


def test_made_up_rows() -> None:
    hold(made_rows(), "USA", ["RUS", "CHN", "PRK"], "2016-06-30", "2016-07-01", "2017-11-30")


@pytest.mark.shared
def test_real_rows(shared: Path) -> None:
    hold(icews_rows(shared / "data"), "USA", ["CHN", "RUS", "IRN", "SYR"], "2018-05-31", "2018-06-01", "2018-08-31")
