"""The within-pair model of a history: tensors against the slices, a planted effect, and what stands beside it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tertius.effects import EFFECTS, PastView
from tertius.errors import NotEnoughData
from tertius.events.covariates import covariate
from tertius.events.slices import DyadSlices
from tertius.history import History
from tertius.model.checks.ladder import climb
from tertius.model.design import Design
from tertius.model.robust import covariances, standard_errors
from tertius.model.within import model as module
from tertius.model.within.model import fit_within, panel_of
from tertius.model.within.ppml import estimate_ppml, fit_ppml
from tertius.progress import Teller
from tertius.simulation import simulate
from tertius.spec import Duration, ModelSpec


def history(directed: bool, *, n: int = 12, T: int = 30, seed: int = 5) -> DyadSlices:
    kwargs = {} if directed else {"cooperation": {"inertia.coop": 0.3}, "hostility": {"inertia.host": 0.3}}
    return simulate(
        n,
        T,
        events_per_slice=(150.0, 120.0),
        half_life="60d",
        length="30d",
        heterogeneity=0.5,
        directed=directed,
        seed=seed,
        **kwargs,
    ).slices


def spec(directed: bool, effects: str) -> ModelSpec:
    asked = ModelSpec.of(model="within", effects=effects, slice="30d", period="30d", half_life="60d", response="count")
    return asked.resolve(directed=directed)


@pytest.mark.parametrize("directed", [True, False])
def test_tensors_hold_the_outcome_of_each_period_and_the_columns_at_its_start(directed: bool) -> None:
    sl = history(directed)
    foe = "shared_threat" if directed else "common_foe"
    panel = panel_of(sl, spec(directed, f"inertia.coop,{foe}"))
    n = sl.n_actors
    c = panel.design.scales[1]
    for t, s in enumerate(panel.design.used):
        past = next(History(sl, panel.design.spec.half_life).past(int(s), int(s) + 1))
        value = np.log1p(EFFECTS[foe].compute(PastView(past, "min", directed), "") / c)
        np.fill_diagonal(value, 0.0)
        np.testing.assert_allclose(panel.X[1][t], value, rtol=1e-12, atol=1e-12)
        outcome = np.zeros((n, n))
        at = sl.entries(int(s))
        outcome.ravel()[sl.dyad[at]] = sl.coop_count[at]
        np.testing.assert_array_equal(panel.Y[t], outcome if directed else outcome + outcome.T)


def test_what_one_actor_does_in_one_period_changes_no_coefficient() -> None:
    """Doubled means of all that an actor sends in a period are its sender-by-period effect, and nothing else."""
    sl = history(True)
    asked = spec(True, "reciprocity.coop,shared_threat")
    plain = fit_within(sl, asked, alternatives=False)
    panel = panel_of(sl, asked)
    doubled = plain.fit.mu.copy()
    doubled[7, 3, :] *= 2.0
    same = replace(panel, Y=np.where(plain.fit.kept, plain.fit.mu, 0.0)).fit()
    more = replace(panel, Y=np.where(plain.fit.kept, doubled, 0.0)).fit()
    np.testing.assert_allclose(same.beta, plain.beta, rtol=1e-6)
    np.testing.assert_allclose(more.beta, plain.beta, rtol=1e-6)


def test_activity_and_popularity_are_listed_as_absorbed() -> None:
    model = fit_within(history(True), spec(True, "activity,popularity,shared_threat"), alternatives=False)
    assert set(model.absorbed_reasons) == {"activity.coop", "activity.host", "popularity.coop", "popularity.host"}
    assert model.design.names == ("shared_threat",)


def test_beside_the_estimate_stand_split_panel_no_inertia_and_other_legs() -> None:
    model = fit_within(history(True), spec(True, "inertia,shared_threat"))
    assert [a.name for a in model.alternatives] == ["split-panel jackknife", "without inertia", "legs sqrt"]
    by_name = {a.name: {c.term for c in a.coefficients} for a in model.alternatives}
    assert by_name["without inertia"] == {"shared_threat"}
    assert by_name["legs sqrt"] == {"inertia.coop", "inertia.host", "shared_threat"}


@pytest.mark.slow
def test_a_planted_exogenous_effect_is_recovered_under_strong_actor_shocks() -> None:
    """Eight histories; the term is drawn, not grown from the outcome."""
    covered = []
    for seed in range(8):
        rng = np.random.default_rng(seed)
        n, T = 25, 24
        x = rng.normal(size=(1, T, n, n))
        shocks = rng.normal(size=(2, T, n))
        mean = np.exp(0.15 * x[0] + rng.normal(size=(n, n)) + shocks[0][:, :, None] + shocks[1][:, None, :])
        fit = fit_ppml(rng.poisson(mean * rng.gamma(1.0, 1.0, mean.shape)).astype(float), x, directed=True)
        se = standard_errors(covariances(fit.U_d, fit.H_d, fit.i, fit.j, fit.N).jackknife)
        covered.append(abs(fit.beta[0] - 0.15) < 1.96 * se[0])
    assert sum(covered) >= 6


def test_too_few_cells_are_refused_in_words() -> None:
    sl = simulate(12, 40, events_per_slice=(2.0, 2.0), length="30d", seed=1).slices
    with pytest.raises(NotEnoughData, match="refuses below 2"):
        fit_within(sl, spec(True, "inertia,shared_threat"))


def test_the_ladder_has_every_rung_and_says_what_is_not_available() -> None:
    sl = history(True)

    def slices_for(length: Duration, kind: str) -> DyadSlices:
        if str(length) != "30d" or kind != "all":
            raise NotEnoughData("only one slicing here", "")
        return sl

    rungs = climb(slices_for, spec(True, "inertia,shared_threat"), lambda _: (), "shared_threat")
    assert [(r.rung, r.status) for r in rungs] == [
        (1, "estimated"),
        (2, "not available"),
        (3, "estimated"),
        (4, "estimated"),
        (5, "estimated"),
        (6, "estimated"),
    ]
    curve = rungs[-1].curve
    assert curve is not None
    assert [p.estimate_sd for p in curve] == sorted(p.estimate_sd for p in curve)
    assert {p.legs for p in curve} >= {"min", "sqrt"}
    assert "shared_threat" in rungs[3].figures
    assert rungs[3].to_dict()["text"] == f"{rungs[3].figures} {rungs[3].text}"


def test_every_fit_is_told_before_it_starts() -> None:
    lines: list[str] = []
    fit_within(history(True), spec(True, "inertia.coop,shared_threat"), progress=lines.append)
    names = ("", ", split-panel jackknife", ", without inertia", ", other legs")
    assert lines == [f"within-pair model{name}: {n} of 4 fits" for n, name in enumerate(names)]


def test_within_pairs_nothing_is_sampled() -> None:
    asked = replace(spec(True, "inertia.coop"), sample=2)
    np.testing.assert_array_equal(
        panel_of(history(True), asked).X, panel_of(history(True), replace(asked, sample=None)).X
    )


def test_nothing_is_fitted_or_computed_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    fits, tensors = [], []

    def fitted(*args: Any, **kwargs: Any) -> Any:
        fits.append(kwargs["names"])
        return fit_ppml(*args, **kwargs)

    def made(design: Design, tell: Teller) -> Any:
        tensors.append(design.names)
        return own(design, tell)

    def estimated(*args: Any, **kwargs: Any) -> Any:
        halves.append(kwargs["mask"].any(axis=(1, 2)).sum())
        return estimate_ppml(*args, **kwargs)

    own, halves = module._tensors, []
    monkeypatch.setattr(module, "fit_ppml", fitted)
    monkeypatch.setattr(module, "estimate_ppml", estimated)
    monkeypatch.setattr(module, "_tensors", made)
    fit_within(history(True), spec(True, "inertia.coop,shared_threat"))
    assert len(fits) == 1 + 1 + 1  # all, without inertia, other legs
    assert len(halves) == 4  # of two splits of an odd number: coefficients alone
    assert tensors == [("inertia.coop", "shared_threat"), ("shared_threat",)]


def test_terms_without_a_past_need_no_period_before() -> None:
    """A model of covariates alone keeps the first period; with a term of the history it has none to look back to."""
    sl = history(True)
    n = sl.n_actors
    i, j = np.nonzero(~np.eye(n, dtype=bool))
    value = np.random.default_rng(1).normal(size=len(i))
    near = covariate("near", n, i, j, np.full(len(i), -np.inf), value, directed=True, carry=1e9)
    assert panel_of(sl, spec(True, "near"), (near,)).design.used[0] == 0
    assert panel_of(sl, spec(True, "near,inertia.coop"), (near,)).design.used[0] == 1
