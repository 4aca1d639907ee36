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


def slow_scores(model: object, raw: list[tuple[int, int, int, int]], day: int, s: int, r: int) -> np.ndarray:
    """Scores of all actors as answers of (s, r, ?), term by term from a list of facts both ways; kernels and
    coefficients are the model's."""
    past = [fact for fact in raw if fact[0] < day]
    E = 160

    def decayed(facts: list[tuple[int, int, int, int]], life: float) -> float:
        return sum(2.0 ** (-(day - 1 - t) / life) for t, *_ in facts)

    def strength(a: int, b: int) -> float:
        between = [f for f in past if (f[1], f[3]) == (a, b)]
        return decayed(between, 20.0) + 0.1 * len(between)

    of_relation = [f for f in past if f[2] == r]
    strong = {(a, b): strength(a, b) for a, b in {(f[1], f[3]) for f in past}}
    out = {a: sum(x for (b, _), x in strong.items() if b == a) for a in range(E)}
    A = {(a, b): x / np.sqrt(out[a] * out[b]) for (a, b), x in strong.items()}
    scores = []
    for o in range(E):
        same = [f for f in past if f[1:] == (s, r, o)]
        pair = [f for f in past if (f[1], f[3]) == (s, o)]
        terms = [0.0] * 15
        if same:
            terms[:4] = [np.log1p(decayed(same, h) / c) for h, c in ((3, 0.1), (14, 0.1), (60, 0.1), (np.inf, 1.0))]
            terms[4:6] = 1.0, np.log(day - max(f[0] for f in same))
        if pair:
            terms[6:9] = [np.log1p(decayed(pair, h) / c) for h, c in ((4, 0.1), (20, 0.1), (np.inf, 1.0))]
            terms[9:11] = 1.0, np.log(day - max(f[0] for f in pair))
            follows = [
                sum(decayed([f], h) * W[f[2], r] for f in pair)
                for h, W in zip((14.0, np.inf), model.kernels, strict=True)
            ]
            terms[11:15] = [np.log1p(x / c) for c in (1e-4, 1e-2) for x in follows]
        path = sum(A.get((s, k), 0.0) * A.get((k, o), 0.0) for k in range(E))
        terms += [np.log1p(path / 1e-3), np.log1p(path / 1e-2)]
        count = [decayed([f for f in of_relation if f[3] == o], h) for h in (15.0, np.inf)]
        part = [c / max(decayed(of_relation, h), 1.0) for c, h in zip(count, (15.0, np.inf), strict=True)]
        terms += [np.log1p(part[0] / 1e-4), np.log1p(part[1] / 1e-4), np.log1p(count[1]), np.log1p(part[1] / 1e-2)]
        terms += [np.log1p(decayed([f for f in past if f[3] == o], h)) for h in (7.0, np.inf)]
        scores.append(float(model.beta @ np.array(terms)) - 50.0 * (o == s))
    return np.array(scores)


def test_a_slow_twin_gives_the_same_scores_and_the_same_ranks(made: SimpleNamespace) -> None:
    """Facts as a list, both ways; every fact of the test is asked both ways, once; ties at the mean of their places."""
    day, s, r, o = columns()
    first, f = 73, facts(made, columns())
    number = {int(name): k for k, name in enumerate(np.unique(s.astype(str)))}
    one_way = {(t, number[a], k, number[b]) for t, a, k, b in zip(*(x.tolist() for x in (day, s, r, o)), strict=True)}
    raw = sorted(one_way | {(t, b, k + 4, a) for t, a, k, b in one_way})
    model = made.ranking_model.fitted(f, first)
    theirs: dict[tuple[int, int, int], np.ndarray] = {}

    class Told:
        def scores(self, asked: object, day: int) -> Iterator[tuple[int, np.ndarray]]:
            for begin, block in model.scores(asked, day):
                for q, row in enumerate(block, begin):
                    theirs[day, int(asked.actor[q]), int(asked.relation[q])] = row
                yield begin, block

        def learn(self, day: int) -> None:
            model.learn(day)

    found = np.sort(made.ranking_data.ranked(f, Told(), first))
    test = [fact for fact in raw if fact[0] >= first]
    assert len(found) == len(test) == 2 * len({fact for fact in one_way if fact[0] >= first})
    assert set(theirs) == {fact[:3] for fact in test}
    for question in list(theirs)[::6]:
        np.testing.assert_allclose(theirs[question], slow_scores(model, raw, *question), rtol=1e-4, atol=1e-4)
    ranks = []
    for *question, answer in test:
        also = {fact[3] for fact in test if fact[:3] == tuple(question)} - {answer}
        score = theirs[tuple(question)]
        left = sorted((score[k] for k in range(160) if k not in also), reverse=True)
        places = [place for place, x in enumerate(left, 1) if x == score[answer]]
        ranks.append(sum(places) / len(places))
    np.testing.assert_allclose(found, np.sort(ranks))


def own(made: SimpleNamespace, c: tuple[np.ndarray, ...], day: int) -> list[np.ndarray]:
    """What both models know of the one question of relation 9 on a day: scores, and the baseline's parts."""
    f = made.ranking_data.facts_of(c[0], *(x.astype(str) for x in c[1:]))
    nine = f.relations // 2 - 1
    model = made.ranking_model.fitted(f, day)
    asked = f.questions(day)
    (place,) = np.flatnonzero(asked.relation == nine)
    row = next(b[place - k] for k, b in model.scores(asked, day) if k <= place < k + len(b))
    parts = [q for _, q in made.ranking.questions(f, day, day) if q.relation == nine]
    everyone = [np.sort(np.r_[q.xi, q.true_xi[q.true_at < 0], q.rest]) for q in parts]
    return [row, *(np.sort(q.psi, axis=1) for q in parts), *everyone]


@pytest.mark.parametrize("what", ["others", "answer", "the day before"])
def test_a_question_knows_nothing_of_its_day_or_after(made: SimpleNamespace, what: str) -> None:
    """The facts of the day and after are changed at random but one, or its answer; the day before must count."""
    rng, D = np.random.default_rng(11), 71
    day, s, r, o = columns()
    asked = np.array([[t, 3, 9, 20 + t % 2] for t in (40, 55, 62, 69, 70, D)])
    day, s, r, o = (np.r_[x, y] for x, y in zip((day, s, r, o), asked.T, strict=True))
    at = np.flatnonzero(r == 9)[-1]
    assert day[at] == D
    changed = [x.copy() for x in (day, s, r, o)]
    if what == "others":
        later = np.flatnonzero((day >= D) & (np.arange(len(day)) != at))
        changed[1][later] = rng.integers(0, 80, len(later))
        changed[2][later] = rng.integers(0, 4, len(later))
        changed[3][later] = rng.integers(80, 160, len(later))
    elif what == "answer":
        changed[3][at] = 77
    else:
        changed[3][(r == 9) & (day == D - 1)] = 77
    one, two = own(made, (day, s, r, o), D), own(made, tuple(changed), D)
    same = [np.allclose(a, b, rtol=1e-9, atol=1e-9) for a, b in zip(one, two, strict=True) if a.shape == b.shape]
    assert len(same) == len(one) == 3 or what == "the day before"
    assert all(same) if what != "the day before" else not all(same)


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


def test_permuted_targets_are_those_of_the_test_alone_and_rank_as_by_chance(
    made: SimpleNamespace, tmp_path: Path
) -> None:
    day, s, r, o = columns()
    path = tmp_path / "facts.parquet"
    named = {"date": day.astype("datetime64[D]"), "source": s.astype(str), "relation": r.astype(str)}
    pq.write_table(pa.table(named | {"target": o.astype(str)}), path)
    plain, dealt = made.ranking.read([path]), made.ranking.read([path], 70)
    early = [np.stack([f.day, f.s, f.r, f.o])[:, f.day < 70] for f in (plain, dealt)]
    np.testing.assert_array_equal(*early)
    found = [made.ranking.Scored.of("recurrency", made.ranking.recurrency(f, 70), 0.0).mrr for f in (plain, dealt)]
    assert found[1] < found[0] / 2


@pytest.mark.shared
@pytest.mark.slow
def test_the_baseline_reproduces_its_published_figures(made: SimpleNamespace, shared: Path) -> None:
    f = made.ranking.read([shared / "data" / "icews14" / "events.parquet"])
    found = made.ranking.Scored.of("recurrency", made.ranking.recurrency(f, 16405), 0.0)
    assert found.mrr == pytest.approx(37.4, abs=0.3)
    assert found.hits_10 == pytest.approx(51.5, abs=0.3)
