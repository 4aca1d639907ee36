"""How well a model fits: every figure against a slow twin."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from tertius.errors import UsageError
from tertius.events.slices import DyadSlices
from tertius.model.checks.adequacy import (
    FEWEST,
    Adequacy,
    adequacy_of_rate,
    adequacy_of_within,
    bins_of,
    remark,
)
from tertius.model.checks.held_out import Predicted
from tertius.model.checks.ranks import TIES, Ranks
from tertius.model.design import build_design
from tertius.model.rate.fit import RateFit, fit_rate
from tertius.model.within.model import WithinModel, panel_of
from tertius.progress import Progress, Teller
from tertius.simulation import simulate
from tertius.spec import ModelSpec

MakeWithin = Callable[[bool], WithinModel]
DAILY = simulate(9, 90, events_per_slice=(6.0, 4.0), seed=12).slices


def rate(slices: DyadSlices = DAILY, effects: str = "inertia,reciprocity,shared_threat") -> RateFit:
    asked = ModelSpec.of(model="rate", effects=effects, slice="1d", half_life="20d")
    return fit_rate(build_design(slices, asked.resolve(directed=True)))


def slow_rank(score: np.ndarray, d: int) -> float:
    above = sum(float(x) > float(score[d]) for x in score)
    tied = sum(float(x) == float(score[d]) for x in score)
    return above + (tied + 1) / 2


def test_a_rate_models_figures_equal_loops_over_cells() -> None:
    fit = rate()
    found = adequacy_of_rate(fit)
    d = fit.design
    judged = d.used[np.unique(np.round(np.linspace(0, len(d.used) - 1, found.slices)).astype(int))]
    assert (found.slices, found.of, found.at_risk) == (len(judged), len(d.used), 72)
    ranks, weights, by_bin = [], [], {}
    sums = {name: [0.0, 0.0] for name in DAILY.actors}
    for s, mu in fit.expected(judged):
        at = DAILY.entries(s)
        seen = dict(zip(DAILY.dyad[at].tolist(), DAILY.coop_count[at].tolist(), strict=True))
        score = np.round(np.log(mu), TIES)
        for k, cell in enumerate(d.at_risk.tolist()):
            y = seen.get(cell, 0.0)
            group = by_bin.setdefault(int(bins_of(mu[[k]])[0]), [0.0, 0.0, 0])
            group[0], group[1], group[2] = group[0] + mu[k], group[1] + y, group[2] + 1
            for end in (cell // 9, cell % 9):
                sums[DAILY.actors[end]][0] += y
                sums[DAILY.actors[end]][1] += mu[k]
            if y:
                ranks.append(slow_rank(score, k))
                weights.append(y)
    total, running, groups = sum(g[0] for g in by_bin.values()), 0.0, {}
    for key in sorted(by_bin):
        e, o, n = by_bin[key]
        into = groups.setdefault(min(9, int(10 * (running + e / 2) / total)), [0.0, 0.0, 0])
        into[0], into[1], into[2] = into[0] + e, into[1] + o, into[2] + n
        running += e
    assert len(found.calibration) == len(groups)
    for group, (e, o, n) in zip(found.calibration, groups.values(), strict=True):
        assert (group.expected, group.observed, group.cells) == (pytest.approx(e), pytest.approx(o), n)
    order = np.argsort(ranks)
    half = np.cumsum(np.array(weights)[order]) >= sum(weights) / 2
    assert found.ranks.median == np.array(ranks)[order][half][0]
    assert found.ranks.top10 == pytest.approx(
        sum(w for r, w in zip(ranks, weights, strict=True) if r <= 10) / sum(weights)
    )
    value = {name: (o - e) / np.sqrt(e * fit.phi) for name, (o, e) in sums.items()}
    wanted = sorted(value, key=lambda name: -abs(value[name]))[:5]
    assert [r.name for r in found.actors] == wanted
    assert [r.value for r in found.actors] == pytest.approx([value[name] for name in wanted])
    assert all(r.observed == pytest.approx(r.expected) for r in found.periods)


def test_the_surprise_of_a_true_model_is_about_standard_normal() -> None:
    """Draws from the model's own expectation: over many slices the surprise has mean 0 and variance 1."""
    fit = rate()
    rng = np.random.default_rng(8)
    z = []
    for _, mu in fit.expected(fit.design.used[:40]):
        n = round(float(mu.sum()))
        p, log_mu = mu / mu.sum(), np.log(mu)
        sd = np.sqrt(n * (p @ log_mu**2 - (p @ log_mu) ** 2))
        z += [float((rng.multinomial(n, p) - n * p) @ log_mu) / sd for _ in range(50)]
    assert abs(np.mean(z)) < 4 / np.sqrt(len(z))
    assert np.var(z) == pytest.approx(1.0, abs=0.15)


def test_large_data_are_judged_on_evenly_spaced_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    fit = rate()
    monkeypatch.setattr("tertius.model.checks.adequacy.JUDGED_CELLS", 72 * 30)
    found = adequacy_of_rate(fit)
    assert (found.slices, found.of) == (30, len(fit.design.used))
    monkeypatch.setattr("tertius.model.checks.adequacy.JUDGED_CELLS", 1)
    assert adequacy_of_rate(fit).slices == FEWEST


def test_a_model_of_noise_is_warned_of_and_one_of_the_truth_is_not() -> None:
    truth = {"inertia.coop": 0.8, "inertia.host": 0.4}
    one = simulate(8, 60, events_per_slice=(3.0, 3.0), cooperation=truth, hostility=truth, seed=3).slices
    many = "inertia,reciprocity,activity,popularity,friend_of_friend,shared_threat,shared_target,transitivity"
    noisy = adequacy_of_rate(rate(one, many))
    said = remark(noisy)
    assert noisy.held_out is not None
    assert noisy.held_out.difference < 0
    assert said is not None
    assert "worse than inertia alone" in said
    truth = {"inertia.coop": 0.2, "reciprocity.host": 1.5}
    two = simulate(8, 120, events_per_slice=(20.0, 8.0), cooperation=truth, half_life="20d", seed=3).slices
    good = adequacy_of_rate(rate(two, "inertia.coop,reciprocity.host"))
    assert good.held_out is not None
    assert good.held_out.difference > 2 * good.held_out.se
    assert remark(good) is None


@pytest.mark.parametrize("directed", [True, False])
def test_within_pairs_sums_fit_by_construction_and_deviances_are_shown(
    directed: bool, small_within: MakeWithin
) -> None:
    model = small_within(directed)
    found = adequacy_of_within(model, held_out=False)
    assert (found.held_out, found.slices) == (None, len(model.periods))
    assert "--adequacy full" in found.why_not
    for r in (*found.actors, *found.periods):
        assert r.observed == pytest.approx(r.expected, rel=1e-6)
    panel = panel_of(model.design.slices, model.design.spec)
    kept, mu, Y = model.fit.kept & (model.fit.mu > 0), model.fit.mu, panel.Y
    each = {k: [0.0, 0] for k in range(10)}
    for t, i, j in zip(*np.nonzero(kept), strict=True):
        y, m = Y[t, i, j], mu[t, i, j]
        if not directed and i > j:
            continue
        deviance = 2 * ((y * np.log(y / m) if y > 0 else 0.0) - y + m)
        for end in (i, j):
            each[end] = [each[end][0] + deviance, each[end][1] + 1]
    whole = sum(e[0] for e in each.values()) / sum(e[1] for e in each.values())
    value = {model.design.slices.actors[k]: d / n / whole for k, (d, n) in each.items()}
    for r in found.actors:
        assert r.value == pytest.approx(value[r.name])
    assert sum(g.observed for g in found.calibration) == pytest.approx(sum(g.expected for g in found.calibration))


def test_the_sentence_names_both_scores() -> None:
    fit = adequacy_of_rate(rate())
    assert fit.held_out is not None
    ranks = Ranks(1.0, 1.0, 1.0)
    worse = replace(fit.held_out, model=Predicted(ranks, -5.0), inertia=Predicted(ranks, -4.5), difference=-0.5, se=0.1)
    said = remark(replace(fit, held_out=worse))
    assert said is not None
    assert "-5.0000" in said
    assert "-4.5000" in said
    assert "within its error" not in said
    assert "within its error" in str(remark(replace(fit, held_out=replace(worse, se=1.0))))


def test_the_result_and_its_json_carry_it() -> None:
    from tertius.study import fit

    asked = {"model": "rate", "effects": "inertia.coop,shared_threat", "slice": "1mo", "half_life": "2y"}
    result = fit("chronicle", **asked)
    assert isinstance(result.adequacy, Adequacy)
    document = result.to_dict()["adequacy"]
    assert set(document["ranks"]) == {"median", "mean_reciprocal", "top10"}
    assert fit("chronicle", **asked, adequacy="none").to_dict()["adequacy"] is None
    with pytest.raises(UsageError, match="--adequacy 'perhaps'"):
        fit("chronicle", **asked, adequacy="perhaps")


def test_it_tells_how_far_it_is(monkeypatch: pytest.MonkeyPatch, small_within: MakeWithin) -> None:
    lines: list[str] = []
    monkeypatch.setattr("tertius.model.checks.adequacy.Teller", partial(Teller, every=0.0, worth=0.0))
    assert adequacy_of_rate(rate(), progress=lines.append) == adequacy_of_rate(rate())
    told = [line for line in lines if isinstance(line, Progress)]
    assert len(told) == len(lines)
    walks = ["the first two thirds alone", "the last third, foretold", "how well it fits"]
    assert list(dict.fromkeys(t.what for t in told)) == walks
    assert all(t.of and t.done <= t.of and t.left is not None for t in told)
    assert (told[-1].done, told[-1].left) == (told[-1].of, 0.0)
    lines.clear()
    adequacy_of_within(small_within(True), held_out=True, progress=lines.append)
    assert lines == [f"the first two thirds alone: {n} of 2 fits" for n in (0, 1)]
