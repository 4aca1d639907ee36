"""All pairs at once against the answers for single pairs; the adjusted p against its definition and in a null world."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tertius.answers import every_pair as module
from tertius.answers.attribution import attribute
from tertius.answers.every_pair import LARGEST, adjusted, every_pair
from tertius.answers.rise import rises
from tertius.answers.spans import SlicedSpans
from tertius.errors import UsageError
from tertius.model.design import build_design
from tertius.model.rate.fit import RateFit, fit_rate
from tertius.model.within.model import WithinModel, fit_within
from tertius.simulation import simulate
from tertius.spec import ModelSpec
from tertius.worlds import world

N = 60
SPANS = SlicedSpans(np.arange(N) >= 40, (np.arange(N) >= 15) & (np.arange(N) < 38), ("c", "d"), ("a", "b"))


def rate(directed: bool, legs: str) -> RateFit:
    kwargs = {} if directed else {"cooperation": {"inertia.coop": 0.4}, "hostility": {"inertia.host": 0.4}}
    sl = simulate(9, N, events_per_slice=(9.0, 7.0), half_life="15d", directed=directed, seed=8, **kwargs).slices
    foe = "shared_threat" if directed else "common_foe"
    spec = ModelSpec.of(effects=f"inertia,{foe}", slice="1d", half_life="15d", legs=legs, response="count")
    return fit_rate(build_design(sl, replace(spec.resolve(directed=directed), model="rate")))


def within(directed: bool) -> WithinModel:
    sl = world("planted", n_actors=16, n_periods=N, seed=3).slices(directed=directed)
    sl = replace(sl, observed=np.arange(N) % 17 != 5, days=np.where(np.arange(N) % 17 == 5, 0.0, np.diff(sl.edges)))
    foe = "shared_threat" if directed else "common_foe"
    spec = ModelSpec.of(model="within", effects=f"inertia,{foe}", period="30d", response="count")
    return fit_within(sl, spec.resolve(directed=directed), alternatives=False)


@pytest.mark.parametrize("directed", [True, False])
@pytest.mark.parametrize("kind", ["rate min", "rate sqrt", "rate binary", "within"])
def test_every_pair_is_as_it_is_alone(kind: str, directed: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BLOCK_BYTES", 60_000)  # several blocks an actor
    fit = within(directed) if kind == "within" else rate(directed, kind.split()[1])
    found = every_pair(fit, SPANS, seed=4)
    actors = fit.design.slices.actors
    assert len(found.i) == len(actors) * (len(actors) - 1) // 2
    for at in (0, 5, 17, len(found.i) - 1):
        alone = attribute(fit, int(found.i[at]), int(found.j[at]), SPANS, seed=4)
        assert found.observed[at] == pytest.approx(alone.observed)
        assert found.expected[at] == pytest.approx(alone.expected, rel=1e-9)
        first = alone.third_parties[:LARGEST]
        assert found.events[at] == pytest.approx([t.events for t in first], rel=1e-9, abs=1e-12)
        assert found.events_low[at] == pytest.approx([t.events_low for t in first], rel=1e-9, abs=1e-12)
        assert found.events_high[at] == pytest.approx([t.events_high for t in first], rel=1e-9, abs=1e-12)
        if len({t.events for t in first}) == LARGEST:
            assert [actors[k] for k in found.third[at]] == [t.actor for t in first]
        for name in ("ratio", "low", "high", "reference_rate", "window_rate", "share_ratio"):
            expected = getattr(alone.rise, name)
            assert getattr(found.rises, name)[at] == pytest.approx(expected, rel=1e-12, nan_ok=True)


def test_a_model_without_the_foe_effect_is_refused() -> None:
    fit = rate(True, "min")
    spec = replace(ModelSpec.of(effects="inertia", slice="1d").resolve(directed=True), model="rate")
    with pytest.raises(UsageError, match="shared_threat"):
        every_pair(fit_rate(build_design(fit.design.slices, spec)), SPANS, seed=1)


def test_adjusted_p_by_its_definition() -> None:
    rng = np.random.default_rng(1)
    p = rng.uniform(size=40) ** 3
    p[[3, 9]] = np.nan
    known = np.sort(p[~np.isnan(p)])
    m = len(known)
    for at, value in enumerate(p):
        if np.isnan(value):
            assert np.isnan(adjusted(p)[at])
            continue
        ranks = [k for k in range(m) if known[k] >= value]
        slow = min(known[k] * m / (k + 1) for k in ranks)
        assert adjusted(p)[at] == pytest.approx(min(slow, 1.0))


@pytest.mark.parametrize("seed", range(4))
def test_in_a_null_world_hardly_any_pair_is_called_risen(seed: int) -> None:
    """Two thousand pairs, many of them sparse, all over-dispersed and clustered in time; actors have waves that all
    their pairs share. Nothing rises."""
    rng = np.random.default_rng(seed)
    S, n = 66, 64
    i, j = np.triu_indices(n, 1)
    P = len(i)
    level = rng.gamma(0.5, 6.0, size=P)
    waves = 0.6 * np.repeat(rng.normal(size=(S // 3, P)), 3, axis=0)
    of_actor = 0.4 * np.repeat(rng.normal(size=(S // 3, n)), 3, axis=0)
    outcome = rng.poisson(level * np.exp(waves + of_actor[:, i] + of_actor[:, j])).astype(float)
    spans = SlicedSpans(np.arange(S) >= 44, (np.arange(S) >= 22) & (np.arange(S) < 44), ("", ""), ("", ""))
    found = rises(outcome, outcome.sum(axis=1), np.full(S, 30.0), spans, seed=1)
    p = module.p_of_rise(found, spans)
    q = adjusted(p)
    assert (~np.isnan(p)).mean() > 0.7
    assert ((q < 0.05) & (found.ratio > 1)).mean() <= 0.05
    lifted = outcome.copy()
    lifted[44:, :200] *= 6.0
    again = rises(lifted, lifted.sum(axis=1), np.full(S, 30.0), spans, seed=1)
    risen = adjusted(module.p_of_rise(again, spans))[:200] < 0.05
    assert risen.mean() > 0.2  # what has risen sixfold is found at times
