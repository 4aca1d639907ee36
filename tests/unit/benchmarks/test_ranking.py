"""``benchmarks/ranking.py``: ranks as by hand, and nothing of a day known before it is over."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

BENCHMARKS = Path(__file__).resolve().parents[3] / "benchmarks"
DAYS = 75


@pytest.fixture(scope="module")
def made() -> Iterator[SimpleNamespace]:
    """The three modules of the benchmark, which import one another from their folder."""
    sys.path.insert(0, str(BENCHMARKS))
    names = ("ranking_data", "ranking_model", "ranking")
    yield SimpleNamespace(**{name: importlib.import_module(name) for name in names})
    sys.path.remove(str(BENCHMARKS))
    for name in names:
        del sys.modules[name]


def columns(seed: int = 1) -> tuple[np.ndarray, ...]:
    """A made graph in which facts recur; every actor and relation occurs on the first day."""
    rng = np.random.default_rng(seed)
    n, kinds = 160, 4
    day, s, r, o = [np.zeros(n, int)], [np.arange(n)], [np.arange(n) % kinds], [(np.arange(n) + 1) % n]
    usual = rng.integers(0, n, (60, 2))
    for t in range(1, DAYS):
        of = usual[rng.integers(0, 60, 15)]
        day.append(np.full(15, t))
        s.append(of[:, 0])
        r.append(rng.integers(0, kinds, 15))
        o.append(np.where(of[:, 0] == of[:, 1], (of[:, 1] + 1) % n, of[:, 1]))
    return tuple(np.concatenate(x) for x in (day, s, r, o))


def facts(made: SimpleNamespace, c: tuple[np.ndarray, ...]) -> object:
    return made.ranking_data.facts_of(*c[:1], *(x.astype(str) for x in (c[1], c[2], c[3])))


def slow_ranks(made: SimpleNamespace, f: object, first: int) -> np.ndarray:
    """The baseline with lambda and alpha as for unchosen relations, fact by fact."""
    out = []
    for day in range(first, int(f.day[-1]) + 1):
        before = f.day < day
        norm = sum(2.0 ** (-0.1 * age) for age in range(1, day + 1))
        today = f.day == day
        for s, r, _ in sorted({(s, r, 0) for s, r in zip(f.s[today], f.r[today], strict=True)}):
            mine = before & (f.r == r)
            score = np.zeros(f.actors)
            for t, a, o in zip(f.day[mine], f.s[mine], f.o[mine], strict=True):
                score[o] += 0.01 / mine.sum() + (0.99 * 2.0 ** (-0.1 * (day - t)) / norm if a == s else 0.0)
            true = f.o[today & (f.s == s) & (f.r == r)]
            rivals = np.delete(score, true)
            for v in score[true]:
                near = np.isclose(rivals, v, rtol=1e-10, atol=0)
                out.append(1 + ((rivals > v) & ~near).sum() + near.sum() / 2)
    return np.sort(out)


def test_the_baseline_is_what_its_formula_says(made: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    f = facts(made, columns())
    monkeypatch.setattr(made.ranking, "LAMBDAS", np.array([0.1]))
    monkeypatch.setattr(made.ranking, "ALPHAS", np.array([0.99]))
    found = np.sort(made.ranking.recurrency(f, 72))
    np.testing.assert_allclose(found, slow_ranks(made, f, 72))


@pytest.mark.parametrize("model", ["recurrency", "tertius"])
def test_what_happens_on_later_days_changes_no_rank(made: SimpleNamespace, model: str) -> None:
    def by_day(c: tuple[np.ndarray, ...]) -> list[float]:
        f = facts(made, c)
        if model == "recurrency":
            ranks = made.ranking.recurrency(f, 70)
        else:
            ranks = made.ranking_data.ranked(f, made.ranking_model.fitted(f, 70), 70)
        return sorted(ranks[: int(((f.day >= 70) & (f.day < DAYS - 1)).sum())])

    day, s, r, o = columns()
    last = day == DAYS - 1
    changed = np.where(last, (o + 7) % 160, o)
    keep = s != changed
    assert keep.all()
    np.testing.assert_allclose(by_day((day, s, r, o)), by_day((day, s, r, changed)), rtol=1e-6)


def test_the_model_ranks_recurring_facts_high(made: SimpleNamespace) -> None:
    f = facts(made, columns())
    found = made.ranking_data.ranked(f, made.ranking_model.fitted(f, 70), 70)
    assert np.mean(found <= 10) > 0.9


def test_the_gradient_is_the_difference_of_values(made: SimpleNamespace) -> None:
    rng = np.random.default_rng(2)
    terms, weight = rng.normal(size=(50, 3, 7)), np.zeros((50, 7))
    terms[:, :, 0] += np.array([0.5, -0.5, 0.0])
    beta = made.ranking_model.maximum(terms, weight)

    def value(b: np.ndarray) -> float:
        eta = np.einsum("k,nkc->nc", b, terms)
        return float((eta[:, 0] - np.log(np.exp(eta).sum(1))).mean()) - 1e-4 * float(b @ b)

    steps = [(value(beta + h) - value(beta - h)) / 2e-4 for h in 1e-4 * np.eye(3)]
    np.testing.assert_allclose(steps, 0, atol=1e-4)


def test_its_json_stands_alone_and_a_wrong_day_is_said(tmp_path: Path) -> None:
    day, s, r, o = columns()
    path = tmp_path / "facts.parquet"
    named = {"date": day.astype("datetime64[D]"), "source": s.astype(str), "relation": r.astype(str)}
    pq.write_table(pa.table(named | {"target": o.astype(str)}), path)
    run = [sys.executable, str(BENCHMARKS / "ranking.py"), "--events", str(path), "--json", "--test-from"]
    ran = subprocess.run([*run, "1970-03-12"], capture_output=True, text=True, check=True)
    found = json.loads(ran.stdout)["models"]
    assert [set(m) for m in found] == [{"model", "mrr", "hits_10", "n", "seconds"}] * 2
    assert [m["model"] for m in found] == ["recurrency", "tertius"]
    ran = subprocess.run([*run, "1970-01-05"], capture_output=True, text=True, check=False)
    assert ran.returncode == 2
    assert "60 days into the data" in ran.stderr


@pytest.mark.shared
@pytest.mark.slow
def test_the_baseline_reproduces_its_published_figures(made: SimpleNamespace, shared: Path) -> None:
    f = made.ranking.read([shared / "data" / "icews14" / "events.parquet"])
    found = made.ranking.Scored.of("recurrency", made.ranking.recurrency(f, 16405), 0.0)
    assert found.mrr == pytest.approx(37.4, abs=0.3)
    assert found.hits_10 == pytest.approx(51.5, abs=0.3)
