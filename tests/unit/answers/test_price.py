"""Price against its definition slice by slice, and against attribution where the two ask the same."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tertius.answers.attribution import attribute
from tertius.answers.changed import Change, changed
from tertius.answers.price import adversaries_of, eased_own, prices, ties
from tertius.answers.spans import SlicedSpans
from tertius.errors import UsageError
from tertius.events.slices import DyadSlices
from tertius.history import History
from tertius.model.design import build_design
from tertius.model.rate.fit import RateFit, fit_rate
from tertius.model.within.model import WithinModel, fit_within
from tertius.simulation import simulate
from tertius.spec import ModelSpec
from tertius.worlds import world

N = 60
WINDOW = np.arange(N) >= 40
SPANS = SlicedSpans(WINDOW, (np.arange(N) >= 20) & ~WINDOW, ("c", "d"), ("a", "b"))
K, SOME = 1, [2, 5, 6, 0]


def slices(directed: bool) -> DyadSlices:
    kwargs = {} if directed else {"cooperation": {"inertia.coop": 0.4}, "hostility": {"inertia.host": 0.4}}
    return simulate(8, N, events_per_slice=(9.0, 12.0), half_life="15d", directed=directed, seed=8, **kwargs).slices


def rate(sl: DyadSlices, legs: str = "min") -> RateFit:
    foe = "shared_threat" if sl.directed else "common_foe"
    spec = ModelSpec.of(effects=f"inertia,{foe}", slice="1d", half_life="15d", legs=legs, response="count")
    return fit_rate(build_design(sl, replace(spec.resolve(directed=sl.directed), model="rate")))


def within() -> WithinModel:
    spec = ModelSpec.of(model="within", effects="inertia,shared_threat", period="30d", response="count")
    sl = world("planted", n_actors=14, n_periods=N, seed=3).slices()
    return fit_within(sl, spec.resolve(directed=True), alternatives=False)


@pytest.mark.parametrize("per", ["sd", "10%"])
@pytest.mark.parametrize("directed", [True, False])
@pytest.mark.parametrize("legs", ["min", "sqrt", "product"])
def test_the_price_is_its_definition(legs: str, directed: bool, per: str) -> None:
    fit = rate(slices(directed), legs)
    sl, design = fit.design.slices, fit.design
    column = design.names.index("shared_threat" if directed else "common_foe")
    beta, c = fit.beta[column], design.scales[column]
    m = {"min": min, "sqrt": lambda a, b: np.sqrt(a * b), "product": lambda a, b: a * b}[legs]
    H = np.stack([past.H.copy() for past in History(sl, design.spec.half_life).past()])
    mu = np.zeros((N, 64))
    for s, expected in fit.expected(np.arange(N)):
        mu[s, design.at_risk] = expected
    mu = mu.reshape(N, 8, 8)
    found = prices(ties(fit, K, SOME), WINDOW, per)
    for a, i in enumerate(SOME):
        for b, j in enumerate(SOME):
            slow = 0.0
            for s in np.flatnonzero(WINDOW) if i != j else []:
                step = H[:, K, i].std() if per == "sd" else 0.1 * H[s, K, i]
                S = sum(m(H[s, k, i], H[s, k, j]) for k in range(8) if k not in (i, j))
                more = S - m(H[s, K, i], H[s, K, j]) + m(H[s, K, i] + step, H[s, K, j])
                both = mu[s, i, j] + mu[s, j, i]
                slow += both * np.expm1(beta * (np.log1p(more / c) - np.log1p(S / c)))
            assert found.matrix[a, b] == pytest.approx(slow, rel=1e-9, abs=1e-12)
    assert found.each[0] == pytest.approx(found.matrix.sum(axis=1))
    assert found.total[0] == pytest.approx(found.each[0].sum())
    assert found.over_time[0][WINDOW].sum(axis=0) == pytest.approx(found.each[0])
    assert (found.each[1] <= found.each[0]).all()
    assert (found.each[0] <= found.each[2]).all()
    raised = [[0.0 if b != a else found.step[a] for b in range(len(SOME))] for a in range(len(SOME))]
    if per == "sd":  # the same step in every slice
        t = ties(fit, K, SOME)
        assert found.alone == pytest.approx([t.distance(t.own + np.array(r), WINDOW) for r in raised])
        assert (found.alone > 0).any()


@pytest.mark.parametrize("kind", ["rate directed", "rate undirected", "within"])
def test_where_k_was_silent_before_minus_the_price_of_all_its_hostility_is_its_part(kind: str) -> None:
    """Attribution takes k back to its reference level; where that is nothing, so does hostility at zero."""
    sl = within().design.slices if kind == "within" else slices(kind == "rate directed")
    silent = [Change(K, i, "host", 0.0, None, ~WINDOW) for i in range(sl.n_actors) if i != K]
    if not sl.directed:
        silent = [Change(min(K, x.target), max(K, x.target), "host", 0.0, None, ~WINDOW) for x in silent]
    quiet = changed(sl, silent)
    if kind == "within":
        spec = ModelSpec.of(model="within", effects="inertia,shared_threat", period="30d", response="count")
        fit: RateFit | WithinModel = fit_within(quiet, spec.resolve(directed=True), alternatives=False)
    else:
        fit = rate(quiet)
    found = ties(fit, K, SOME)
    none = found.own.copy()
    none[:, 1] = 0.0
    change = found.change(none)[:, found.within(WINDOW)].sum(axis=1)  # (3, P)
    spans = replace(SPANS, reference=np.arange(N) == 39)  # sees what came before: nothing of k
    seen = 0
    for p, (a, b) in enumerate(zip(found.first, found.second, strict=True)):
        if 1 in (a, b):
            alone = attribute(fit, SOME[a], SOME[b], spans, seed=1)
            (part,) = [t for t in alone.third_parties if t.actor == sl.actors[K]]
            assert -change[0, p] == pytest.approx(part.events, abs=1e-10, rel=1e-10)
            ends = sorted(-change[1:, p])
            assert ends == pytest.approx([part.events_low, part.events_high], abs=1e-10, rel=1e-10)
            seen += part.events != 0
    assert seen


def test_adversaries_are_those_with_less_cooperation_than_hostility_most_first() -> None:
    sl = slices(True)
    reference = SPANS.reference
    found, net = adversaries_of(sl, K, reference, "count")
    slow = np.zeros(8)
    for s in np.flatnonzero(reference):
        for e in range(sl.indptr[s], sl.indptr[s + 1]):
            i, j = divmod(int(sl.dyad[e]), 8)
            for own, other in ((i, j), (j, i)):
                if own == K:
                    slow[other] += sl.coop_count[e] - sl.host_count[e]
    assert net == pytest.approx(slow)
    assert set(found) == set(np.flatnonzero(slow < 0))
    assert (np.diff(net[found]) >= 0).all()


def test_easing_takes_the_flow_back_from_the_windows_first_day() -> None:
    fit = rate(slices(True))
    found = ties(fit, K, SOME)
    own, easing = eased_own(fit, K, found, 0.0, WINDOW)
    assert own[:41] == pytest.approx(found.own[:41])  # slice 40 sees what came before the window
    assert (own[41:] <= found.own[41:] + 1e-12).all()
    sl = fit.design.slices
    given = sl.pair(K, 2, np.where(sl.dyad == K * 8 + 2, sl.host_weight, 0.0))
    assert easing[0] == pytest.approx(given[WINDOW].mean())


def test_legs_that_know_no_more_or_less_are_refused() -> None:
    with pytest.raises(UsageError, match="counts once"):
        ties(rate(slices(True), "binary"), K, SOME)


def test_where_the_other_leg_decides_nothing_changes_exactly() -> None:
    fit = rate(slices(True))
    found = ties(fit, K, SOME)
    raised = found.own.copy()
    raised[:, 0] += 1.0
    same = found.own[:, [0]] > found.own  # k is more hostile to the first already: the minimum is the other's
    moved = found.moved(raised)[:, :3]  # pairs of the first with the others
    assert same[:, 1:].any()
    assert (moved[same[:, 1:]] == 0.0).all()
