"""The certificate: its rule case by case, its windows against slow loops, and two worlds from end to end."""

from __future__ import annotations

import json
from dataclasses import replace
from math import isnan, nan
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from tertius.answers.certificate import (
    SLOW,
    Certificate,
    PairQuestion,
    Profile,
    certify,
    models,
    periods_left,
    verdict,
    verdict_text,
)
from tertius.answers.certificate.certify import certificate_arrays, certify_all, first_failure, largest_leak
from tertius.answers.certificate.models import (
    LAG,
    WINDOWS,
    ModelFit,
    by_period,
    foe,
    future_state,
    past_state,
    reverse_terms,
    weighed,
    window_name,
    window_sums,
    z_of,
)
from tertius.answers.certificate.pair import PairFacts, onset_of_rise, pair_facts, pair_statistic
from tertius.answers.certificate.rule import (
    ATTENTION,
    NO_ATTENTION,
    STORY,
    apart_lag_condition,
    apart_order_condition,
    assemble,
    attention_condition,
    lag_condition,
    lead_condition,
    leak_text,
    memory_condition,
    memory_order_condition,
    now_condition,
    order_condition,
    own_bound_text,
    recent_condition,
    reverse_condition,
)
from tertius.answers.explanation import judge
from tertius.errors import NotEnoughData, UsageError
from tertius.events.slices import Bools, Floats, at_full_exposure
from tertius.model.robust import Covariances
from tertius.worlds import slices_of, world

ROSE = PairFacts(rose=True, ratio=2.0, onset=20, hostility_ratio=1.5)
STILL = (0.3, 0.1, 3.0)
RNG = np.random.default_rng(7)


def certificate(
    lag: float = 3.0,
    order: float = 2.0,
    now: float = 0.5,
    lead: float = 0.5,
    reverse: float = 0.5,
    *,
    memory: float = 2.5,
    memory_order: float = 2.0,
    recent: float = 2.0,
    apart: tuple[float, float] | None = None,
    attention: tuple[float, float] | None = (0.5, 2.0),
    facts: PairFacts | None = ROSE,
    se: float = 0.05,
    within_sd: float = 0.5,
    directed: bool = True,
) -> Certificate:
    """A certificate with these z; by default all conditions hold. ``attention``: z of hostility between the two, and of
    cooperation minus it."""
    pair = None if facts is None else pair_statistic(facts, STILL, names=("AAA", "BBB"), by="KKK")
    conditions = [
        lag_condition(lag * se, se, lag),
        order_condition(order * se, se, order),
        memory_condition(memory * se, se, memory),
        memory_order_condition(memory_order * se, se, memory_order),
        reverse_condition(reverse * se, se, reverse),
        recent_condition(recent * se, se, recent),
        now_condition(now * se, se, now, lag=lag),
        lead_condition(lead * se, se, lead),
    ]
    if apart is not None:
        conditions += [apart_lag_condition(1.0, 1.0, apart[0]), apart_order_condition(1.0, 1.0, apart[1])]
    if attention is not None:
        conditions.append(attention_condition(attention[0], attention[1], 1.0, attention[1]))
    profile = tuple(Profile(a, b, 0.1, 0.05, 2.0) for a, b in WINDOWS)
    named = {s.name: s for s in conditions}
    size = {"n_actors": 60, "n_periods": 48}
    return assemble(named, pair, profile, within_sd=within_sd, directed=directed, legs="min", **size)


def beside(c: Certificate, lag: float, order: float) -> Certificate:
    """The same, with these z where legs combine the other way."""
    other = (lag_condition(lag, 1.0, lag), order_condition(order, 1.0, order), now_condition(0.0, 1.0, 0.0, lag=lag))
    return replace(c, beside=other)


# The rule


SIX = ["lag", "lag_minus_lead", "memory", "memory_order", "reverse", "recent"]


def test_all_conditions_hold() -> None:
    c = certificate()
    assert c.passed
    assert c.rule == "joint memory"
    assert c.reasons == c.caveats == (SLOW, STORY, ATTENTION)
    assert [s.name for s in c.conditions] == [*SIX, "attention", "pair"]
    assert all(s.passed for s in c.conditions)


def test_where_documents_are_known_they_are_asked_and_no_longer_a_caveat() -> None:
    c = certificate(apart=(3.0, 2.0))
    assert c.passed
    assert c.caveats == (SLOW, ATTENTION)
    assert [s.name for s in c.general] == [*SIX, "apart_lag", "apart_order", "attention"]


def test_where_hostility_of_the_two_cannot_be_modelled_that_is_a_caveat() -> None:
    c = certificate(attention=None)
    assert c.passed
    assert c.caveats == (SLOW, STORY, NO_ATTENTION)


def test_the_strict_rule_asks_of_the_same_period_and_of_the_future_too() -> None:
    c = certificate(directed=False)
    assert c.passed
    assert c.rule == "joint memory, strict"
    assert [s.name for s in c.general] == [*SIX, "now", "lead", "attention"]
    for changed in ({"now": 3.5}, {"lead": 2.5}):
        assert not certificate(directed=False, **changed).passed
        open_ = certificate(**changed)  # directed: beside the rule
        assert open_.passed
        assert open_.to_dict()[next(iter(changed))]["decides"] is False


@pytest.mark.parametrize(
    ("changed", "name"),
    [
        ({"lag": 1.96}, "lag"),
        ({"order": 1.28}, "lag_minus_lead"),
        ({"memory": 1.645}, "memory"),
        ({"memory_order": 1.28}, "memory_order"),
        ({"reverse": 1.96}, "reverse"),
        ({"recent": 1.28}, "recent"),
        ({"now": 3.0}, "now"),  # as much as [-3,-1]
        ({"lead": 1.96}, "lead"),
    ],
)
def test_each_condition_alone_withholds_it(changed: dict[str, float], name: str) -> None:
    c = certificate(**changed, directed=False)
    assert not c.passed
    assert [s.name for s in c.conditions if not s.passed] == [name]
    assert c.reasons == (c.statistics[name].text,)
    upwards = ("lag", "order", "memory", "memory_order", "recent")
    edge = {k: v + (0.01 if k in upwards else -0.01) for k, v in changed.items()}
    assert certificate(**edge, directed=False).passed


@pytest.mark.parametrize(
    ("changed", "name"),
    [
        ({"apart": (1.96, 2.0)}, "apart_lag"),
        ({"apart": (3.0, 1.28)}, "apart_order"),
        ({"attention": (1.96, 1.28)}, "attention"),
    ],
)
def test_what_is_asked_where_it_is_known_withholds_it_too(changed: dict[str, Any], name: str) -> None:
    c = certificate(**changed)
    assert [s.name for s in c.conditions if not s.passed] == [name]
    assert c.reasons == (c.statistics[name].text,)


def test_attention_is_excluded_by_quiet_hostility_or_by_more_cooperation() -> None:
    assert certificate(attention=(1.95, -3.0)).passed
    assert certificate(attention=(9.0, 1.29)).passed


@pytest.mark.parametrize("name", ["lag", "order", "memory", "memory_order", "reverse", "recent", "now", "lead"])
def test_what_the_data_do_not_give_does_not_pass(name: str) -> None:
    c = certificate(**{name: nan}, directed=False)
    assert not c.passed
    assert "There is no test of" in c.reasons[0]


@pytest.mark.parametrize(
    ("facts", "without", "said"),
    [
        (replace(ROSE, rose=False), STILL, "did not clearly rise"),
        (replace(ROSE, rose=None, ratio=nan), STILL, "did not clearly rise"),
        (replace(ROSE, hostility_ratio=1.0), STILL, "had not risen in the 3 periods before"),
        (replace(ROSE, hostility_ratio=nan), STILL, "had not risen in the 3 periods before"),
        (ROSE, (0.1, 0.1, 1.0), "without the pair, earlier hostility does not go"),
        (ROSE, (nan, nan, nan), "without the pair, earlier hostility does not go"),
    ],
)
def test_the_pair_must_hold_in_all_three_parts(
    facts: PairFacts, without: tuple[float, float, float], said: str
) -> None:
    s = pair_statistic(facts, without, names=("AAA", "BBB"), by="KKK")
    assert not s.passed
    assert said in s.text
    assert pair_statistic(ROSE, STILL, names=("AAA", "BBB")).passed


def test_undirected_text_does_not_say_whose_hostility() -> None:
    assert "conflict with both" in pair_statistic(ROSE, STILL, names=("A", "B"), by="K", directed=False).text
    assert "whose hostility it was is not known" in reverse_condition(0.1, 0.1, 1.0, directed=False).text


@pytest.mark.parametrize(
    ("found", "rise_shown", "expected"),
    [
        (None, True, "not certified"),
        (certificate(), True, "consistent with"),
        (certificate(facts=None), True, "consistent with"),
        (certificate(), False, "mixed"),
        (certificate(), None, "mixed"),
        (certificate(now=7.6), True, "consistent with"),
        (certificate(now=7.6, directed=False), True, "mixed"),
        (certificate(lead=2.5, directed=False), True, "mixed"),
        (certificate(memory=1.0), True, "mixed"),
        (certificate(apart=(1.0, 1.0)), True, "mixed"),
        (certificate(attention=(4.0, 0.0)), True, "mixed"),
        (certificate(reverse=2.5), True, "mixed"),
        (certificate(facts=replace(ROSE, hostility_ratio=0.5)), True, "mixed"),
        (certificate(lag=-2.0, order=-1.0), True, "contradicted"),
        (certificate(lag=0.0, order=-2.5), True, "contradicted"),
        (certificate(lag=2.5, order=-2.5), True, "contradicted"),
        (certificate(lag=0.5, order=0.0, reverse=2.5), True, "contradicted"),
        (certificate(lag=2.5, order=0.0, se=0.03), True, "no effect above"),  # they move together, and by little
        (certificate(lag=2.5, order=0.0, se=0.05), True, "mixed"),  # the bound is 10.9 %
        (certificate(lag=2.5, order=0.0, reverse=2.5, se=0.03), True, "mixed"),
        (certificate(lag=2.5, order=1.29, memory=1.0, se=0.03), True, "mixed"),
        (certificate(lag=2.5, order=nan, se=0.03), True, "mixed"),
        (certificate(lag=0.5, order=0.0, se=0.3), True, "data too thin"),
        (certificate(lag=0.5, order=0.0, now=5.0, se=0.3), True, "data too thin"),
        (certificate(lag=nan, order=nan, se=nan), True, "data too thin"),
        (certificate(lag=-2.5, order=-1.0, se=0.3), True, "contradicted"),
        (certificate(lag=0.5, order=0.0), True, "no effect above"),
        (beside(certificate(lag=0.0, order=-2.5), 0.5, -1.0), True, "no effect above"),
        (beside(certificate(lag=0.0, order=-2.5), 0.5, -2.0), True, "contradicted"),
        (beside(certificate(lag=-2.5, order=-1.0), -1.0, -1.0), True, "no effect above"),
        (beside(certificate(lag=-2.5, order=-1.0, se=0.3), -1.0, -1.0), True, "data too thin"),
        (certificate(lag=0.5, order=0.0, now=5.0), True, "no effect above"),
        (certificate(lag=1.9, order=1.0, se=0.052), True, "no effect above"),  # the bound is 9.7 %
        (certificate(lag=1.9, order=1.0, se=0.056), True, "mixed"),  # 10.4 %, and not thin
        (certificate(lag=-1.7, order=0.0, se=0.08), True, "data too thin"),  # a bound of 0 by luck
    ],
)
def test_the_verdict_case_by_case(found: Certificate | None, rise_shown: bool | None, expected: str) -> None:
    assert verdict(found, rise_shown) == expected


def test_nothing_but_a_pass_and_a_rise_is_consistent() -> None:
    for z in np.ndindex(3, 3, 3, 3, 3):
        c = certificate(*(4.0 * np.array(z) - 3.0))
        for rise_shown in (True, False, None):
            for thin in (True, False):
                said = verdict(c, rise_shown, thin)
                assert (said == "consistent with") == (c.passed and rise_shown is True)


def test_thin_can_be_told() -> None:
    c = certificate(lag=0.5, order=0.0)
    assert not c.thin
    assert verdict(c, True, thin=True) == "data too thin"
    assert c.smallest_found == pytest.approx(np.exp(2.8 * 0.05 * 0.5) - 1)
    assert certificate(se=0.07).thin


def test_the_text_of_a_verdict_is_its_reason() -> None:
    assert "not run" in verdict_text(None, True)
    assert SLOW in verdict_text(certificate(), True)
    assert "no clear rise" in verdict_text(certificate(), False)
    assert verdict(None, True, thin=True) == "data too thin"
    assert "by 5.5 % at most" in verdict_text(certificate(lag=0.5, order=0.0), True)
    assert "not clearly more than later hostility does" in verdict_text(certificate(lag=2.5, order=0.0, se=0.03), True)
    assert "order of time is the wrong one" in verdict_text(certificate(lag=0.0, order=-2.5), True)
    assert "within one period" in verdict_text(certificate(lag=0.5, order=0.0, now=8.0), True)
    assert "the reverse" in verdict_text(certificate(lag=0.5, order=0.0, reverse=2.5), True)
    assert "says nothing" in verdict_text(certificate(lag=0.5, order=0.0, se=0.3), True)
    assert "from no effect to 10.4 %" in verdict_text(certificate(lag=1.9, order=1.0, se=0.056), True)


@pytest.mark.parametrize(("now", "said"), [(8.0, True), (1.0, False)])
def test_where_they_move_at_once_the_bound_says_that_this_is_not_in_it(now: float, said: bool) -> None:
    text = verdict_text(certificate(lag=2.5, order=0.0, now=now, se=0.03), True)
    assert ("How the two move within one period is not in that bound." in text) is said


@pytest.mark.parametrize(
    "found",
    [
        certificate(lag=2.5, order=0.0, se=0.03),
        certificate(lag=0.5, order=0.0),
        certificate(lag=0.5, order=0.0, se=0.3),
        certificate(lag=1.9, order=1.0, se=0.056),
    ],
)
def test_a_usual_change_is_net_of_pairs_and_actors(found: Certificate) -> None:
    net = "one standard deviation, net of pairs and of what each actor does in a period"
    assert net in verdict_text(found, True)
    assert net in found.to_dict()["bound"]["unit"]


@pytest.mark.parametrize("legs", ["sqrt", "min"])
def test_the_bound_for_the_pair_s_own_standard_deviation_over_time(legs: str) -> None:
    w = world("nothing", n_actors=20, n_periods=40, seed=2)
    window, reference = masks(40, 27)
    slices = w.slices()
    observed = slices.observed.copy()
    observed[11] = False
    found = certify_all(replace(slices, observed=observed), legs=legs)
    c = found.about(PairQuestion(3, 7, window, reference))
    arrays = certificate_arrays(replace(slices, observed=observed))
    column = arrays.windows(legs, {})[window_name(LAG)][:, 3, 7]
    assert c.pair_sd == pytest.approx(column.std(), rel=1e-9)
    assert c.pair_sd > c.within_sd
    assert c.bound_of_pair == pytest.approx(np.exp((c.lag.estimate + 1.645 * c.lag.se) * c.pair_sd) - 1)
    of_pair = c.to_dict()["bound"]["of_pair"]
    assert of_pair == pytest.approx({"value": 100 * c.bound_of_pair, "times": c.pair_sd / c.within_sd})
    assert f"is {of_pair['times']:.1f} times that of the bound" in own_bound_text(c)
    assert f"{of_pair['value']:.1f} %" in own_bound_text(c)
    assert found.certificate.to_dict()["bound"]["of_pair"] is None
    assert own_bound_text(found.certificate) == ""


def test_the_bound_is_the_upper_end_per_standard_deviation_net_of_effects() -> None:
    c = certificate(lag=0.5, order=0.0)
    assert c.bound == pytest.approx(np.exp((0.5 + 1.645) * 0.05 * 0.5) - 1)
    document = c.to_dict()
    assert document["bound"]["value"] == pytest.approx(100 * c.bound)
    assert document["bound"]["unit"].startswith("% of cooperation")
    assert document["verdict"] == "no effect above"
    assert certificate(lag=-3.0).bound == 0.0
    assert isnan(certificate(lag=nan, se=nan).bound)
    assert certificate(lag=nan, se=nan).to_dict()["bound"]["value"] is None


# Arrays


def test_large_dyads_do_not_decide_alone() -> None:
    """Weights of the dyad alone change the error and not what is estimated."""
    arrays = certificate_arrays(world("planted", seed=72001).slices())
    terms = arrays.windows("sqrt", arrays.inertia())
    found = z_of(arrays.fit(terms), {"[-3,-1]": 1.0})
    unweighed = z_of(ModelFit.of(arrays.C[arrays.kept], terms, directed=False), {"[-3,-1]": 1.0})
    assert found[1] < unweighed[1] / 2
    assert abs(found[0] - unweighed[0]) < 2 * unweighed[1]
    Y = arrays.C[arrays.kept]
    factor = weighed(Y).sum(axis=0) / np.maximum(Y.sum(axis=0), 1)
    assert np.allclose(weighed(Y), Y * factor)
    assert np.array_equal(factor, factor.T)


def tiny(T: int = 17, n: int = 5) -> tuple[Floats, Floats]:
    C = RNG.poisson(2.0, size=(T, n, n)).astype(float)
    H = RNG.poisson(1.5, size=(T, n, n)).astype(float)
    for Z in (C, H):
        Z[:, np.arange(n), np.arange(n)] = 0
    return C, H


@pytest.mark.parametrize("window", WINDOWS)
def test_window_sums_equal_a_slow_loop(window: tuple[int, int]) -> None:
    _, H = tiny()
    observed = np.ones(17, dtype=bool)
    observed[5] = False
    fast, scaled = window_sums(H, *window), window_sums(H, *window, observed)
    for t in range(17):
        inside = [s for s in range(t + window[0], t + window[1] + 1) if 0 <= s < 17]
        assert np.array_equal(fast[t], sum((H[s] for s in inside), np.zeros((5, 5))))
        seen = [s for s in inside if observed[s]]
        if seen:
            expected = sum((H[s] for s in seen), np.zeros((5, 5))) * len(inside) / len(seen)
            assert np.allclose(scaled[t], expected)
        else:
            assert (scaled[t] == 0).all()


def test_states_equal_slow_loops_and_exclude_the_period_itself() -> None:
    _, H = tiny()
    past, future = past_state(H, 3.0), future_state(H, 3.0)
    for t in range(17):
        before = sum((H[s] * 2 ** (-(t - s) / 3) for s in range(t)), np.zeros((5, 5)))
        after = sum((H[s] * 2 ** (-(s - t) / 3) for s in range(t + 1, 17)), np.zeros((5, 5)))
        assert np.allclose(past[t], before)
        assert np.allclose(future[t], after)


@pytest.mark.parametrize("legs", ["min", "sqrt"])
@pytest.mark.parametrize("directed", [True, False])
def test_foe_equals_a_slow_loop(legs: str, directed: bool) -> None:
    _, H = tiny(3)
    H = H if directed else H + H.transpose(0, 2, 1)
    m = {"min": min, "sqrt": lambda a, b: np.sqrt(a * b)}[legs]
    fast = foe(H, legs)
    assert np.array_equal(fast, fast.transpose(0, 2, 1))
    for t, i, j in np.ndindex(3, 5, 5):
        if i != j:
            assert fast[t, i, j] == pytest.approx(sum(m(H[t, k, i], H[t, k, j]) for k in range(5)))


@pytest.mark.parametrize("directed", [True, False])
def test_reverse_terms_equal_a_slow_loop(directed: bool) -> None:
    C, H = tiny()
    C = C + C.transpose(0, 2, 1)
    H = H if directed else H + H.transpose(0, 2, 1)
    observed = np.ones(17, dtype=bool)
    kept = periods_left(observed)
    terms = reverse_terms(C, H, observed, kept, directed)
    mean = H.mean(axis=0)
    for name, state in (("past", past_state(C, 3.0)), ("future", future_state(C, 3.0))):
        slow = np.zeros((5, 5, 5))
        for t, k, i in np.ndindex(5, 5, 5):
            W = state[kept][t]
            slow[t, k, i] = sum(np.sqrt(mean[k, j] * W[j, i]) for j in range(5))
            if not directed:
                slow[t, k, i] += sum(np.sqrt(W[k, j] * mean[j, i]) for j in range(5))
        if directed:
            slow *= np.sqrt(2)  # C of both ways
        off = ~np.eye(5, dtype=bool)
        c = np.sqrt(np.median(H[H > 0]) * np.median(C[C > 0]) * (2 if directed else 1))
        assert np.allclose(terms[name][:, off], np.log1p(slow / c)[:, off])


def test_periods_at_both_ends_are_left_out() -> None:
    observed = np.ones(30, dtype=bool)
    assert np.flatnonzero(periods_left(observed)).tolist() == list(range(6, 24))
    observed[12] = False
    assert 12 not in np.flatnonzero(periods_left(observed))
    assert periods_left(observed).sum() == 17
    observed[11:14] = False
    left = set(np.flatnonzero(periods_left(observed)).tolist())
    assert {9, 10, 11, 12, 13, 14, 15}.isdisjoint(left - {9, 15, 10, 14})
    assert 14 not in left  # nothing of [-3,-1] was observed
    assert 10 not in left  # nothing of [+1,+3]
    assert not periods_left(np.ones(9, dtype=bool)).any()


def masks(T: int, cut: int) -> tuple[Bools, Bools]:
    return np.arange(T) >= cut, np.arange(T) < cut


def test_onset_is_the_best_single_break() -> None:
    window, reference = masks(10, 5)
    y = np.array([2.0, 1, 2, 1, 2, 2, 1, 9, 8, 9])
    assert onset_of_rise(y, np.ones(10), window, reference) == 7
    assert onset_of_rise(y[::-1], np.ones(10), window, reference) == 5
    days = np.array([30.0] * 7 + [5.0, 30.0, 30.0])
    assert onset_of_rise(np.where(days == 5, 1.5, y), days, window, reference) == 7  # nine in a whole month


def history_of_a_pair(hostile_from: int) -> tuple[Floats, Floats, PairQuestion]:
    """Cooperation of 0 and 1 rises at 20; 2 is hostile to both from a period on."""
    C, H = np.ones((40, 4, 4)), np.ones((40, 4, 4))
    C[20:, 0, 1] = C[20:, 1, 0] = 6.0
    H[hostile_from:, 2, :2] = 5.0
    window, reference = masks(40, 20)
    return C, H, PairQuestion(0, 1, window, reference, k=2)


@pytest.mark.parametrize(("hostile_from", "earlier"), [(17, True), (20, False), (25, False)])
def test_hostility_must_have_risen_before(hostile_from: int, earlier: bool) -> None:
    C, H, question = history_of_a_pair(hostile_from)
    facts = pair_facts(slices_of(C, H, directed=True), C, H, question, legs="min", seed=1)
    assert facts.rose is True
    assert facts.onset == 20
    assert (facts.hostility_ratio > 1) is earlier
    together = replace(question, k=None)
    facts = pair_facts(slices_of(C, H, directed=True), C, H, together, legs="min", seed=1)
    assert (facts.hostility_ratio > 1) is earlier


def test_hostility_towards_one_of_them_is_not_enough() -> None:
    C, H, question = history_of_a_pair(17)
    H[:, 2, 1] = 1.0
    facts = pair_facts(slices_of(C, H, directed=True), C, H, question, legs="min", seed=1)
    assert not facts.hostility_ratio > 1


def test_an_unobserved_window_is_refused() -> None:
    C, H, question = history_of_a_pair(17)
    slices = replace(slices_of(C, H, directed=True), observed=np.arange(40) < 20)
    with pytest.raises(UsageError, match="--window"):
        pair_facts(slices, C, H, question, legs="min", seed=1)


# From end to end


def test_a_planted_world_passes() -> None:
    c = certify(world("planted", seed=102).slices())
    assert c.passed, c.reasons
    assert c.directed
    assert not c.thin
    assert c.n_periods == 48
    assert verdict(c, True) == "consistent with"
    assert c.pair is None
    assert [(p.first, p.last) for p in c.profile] == list(WINDOWS)


def test_hostility_shuffled_in_time_does_not_pass() -> None:
    w = world("planted", seed=102)
    order = np.random.default_rng(1).permutation(60)
    c = certify(slices_of(w.C, w.H[order], directed=True))
    assert not c.passed
    assert all(abs(p.z) < 3 for p in c.profile)


def test_the_future_shuffled_leaves_the_past_s_terms_alone() -> None:
    _, H = tiny()
    later = H.copy()
    later[9:] = later[9:][np.random.default_rng(1).permutation(8)]
    assert np.array_equal(past_state(H, 3.0)[:10], past_state(later, 3.0)[:10])
    assert not np.array_equal(future_state(H, 3.0)[:8], future_state(later, 3.0)[:8])
    for first, last in ((-6, -4), (-3, -1)):
        assert np.array_equal(window_sums(H, first, last)[:9], window_sums(later, first, last)[:9])


def test_time_turned_round_turns_the_profile_round() -> None:
    w = world("planted", effect=0.6, n_actors=30, n_periods=44, seed=5)
    forward = certify(w.slices(), legs="sqrt")
    back = certify(slices_of(w.C[::-1], w.H[::-1], directed=True), legs="sqrt")
    assert forward.lag.statistic > 1.96
    assert not back.passed
    assert back.profile[3].z > back.profile[1].z


def test_nothing_does_not_pass_and_a_pair_is_reported() -> None:
    w = world("nothing", n_actors=30, n_periods=40, seed=2)
    window, reference = masks(40, 27)
    steps: list[str] = []
    c = certify(w.slices(), pair=PairQuestion(3, 7, window, reference, k=5), step=steps.append)
    assert not c.passed
    assert c.pair is not None
    assert c.pair.name == "pair"
    models = ("the reverse", "memory", "past and future", "legs the other way", "hostility between the two")
    models += ("each leg alone", "third parties")
    assert steps == [f"certificate, {name}: {n} of 7 models" for n, name in enumerate(models, 1)]
    assert any("counted once" in n for n in c.notes)


def test_undirected_data_and_directed_data_without_symmetry() -> None:
    w = world("nothing", generator="media", n_actors=25, n_periods=36, seed=2)
    c = certify(w.slices(directed=False))
    assert not c.directed
    assert "whose hostility it was" in c.reverse.text
    C = w.C.copy()
    C[:, 0, 1] += 1  # the way back has less
    c = certify(slices_of(C, w.H, directed=True))
    assert not any("counted once" in n for n in c.notes)
    assert np.isfinite(c.lag.statistic)


def test_symmetric_cooperation_counts_pairs_once_and_changes_nothing() -> None:
    w = world("planted", n_actors=20, n_periods=30, seed=8)
    once = certify(w.slices())
    C = w.C.copy()
    C[:6] = np.triu(C[:6])  # before the likelihood, and out of the windows: inertia alone sees it
    both = certify(slices_of(C, w.H, directed=True))
    assert not any("counted once" in n for n in both.notes)
    assert both.now.statistic == pytest.approx(once.now.statistic, abs=0.5)


def test_counting_pairs_once_gives_the_directed_result() -> None:
    from tertius.model.robust import contrast_variance, covariances
    from tertius.model.within.ppml import fit_ppml

    w = world("planted", n_actors=20, n_periods=24, seed=8)
    X = np.log1p(foe(past_state(w.H, 3.0), "min"))[None, 4:]
    made = []
    for directed in (True, False):
        f = fit_ppml(w.C[4:], X, directed=directed)
        cov = covariances(f.U_d, f.H_d, f.i, f.j, f.N, left_out=f.left_out)
        made.append((f.beta[0], float(contrast_variance(cov, [1.0]))))
    assert made[0] == pytest.approx(made[1], rel=1e-4)


def test_to_dict_has_the_contract_s_keys() -> None:
    w = world("nothing", n_actors=20, n_periods=30, seed=2)
    window, reference = masks(30, 20)
    document = certify(w.slices(), pair=PairQuestion(1, 2, window, reference)).to_dict()
    conditions = ["lag", "lag_minus_lead", "now", "lead", "reverse", "pair"]
    added = ["memory", "memory_order", "recent", "attention", "rule", "caveats", "bound", "leak", "verdict"]
    added += ["each_leg_alone", "third_parties"]
    beside = ["legs", "n_actors", "n_periods", "smallest_found", "notes"]
    assert sorted(document) == sorted([*conditions, *added, "profile", "pictures", "passed", "reasons", *beside])
    assert document["rule"] == {"name": "joint memory", "conditions": [*SIX, "attention", "pair"]}
    for name in conditions:
        parts = ["parts"] if name == "pair" else []
        assert sorted(document[name]) == sorted(["decides", "passed", "statistic", "text", "threshold", *parts])
    assert [part["name"] for part in document["pair"]["parts"]] == ["rose", "before", "without"]
    assert sorted(document["profile"][0]) == ["estimate", "from", "se", "to", "z"]
    assert [(p["from"], p["to"]) for p in document["profile"]] == list(WINDOWS)
    json.dumps(document, allow_nan=False)
    assert certificate(facts=None).to_dict()["pair"] is None
    assert certificate(lag=nan).to_dict()["lag"]["statistic"] is None


def test_too_few_periods_say_the_way_out() -> None:
    w = world("nothing", n_actors=12, n_periods=23, seed=2)
    with pytest.raises(NotEnoughData, match=r"24 in all.*shorter --period"):
        certify(w.slices())


def test_by_period_adds_up_and_mirrors() -> None:
    C, H = tiny(4)
    C, H = C + C.transpose(0, 2, 1), H + H.transpose(0, 2, 1)
    found_C, found_H = by_period(slices_of(C, H / 2, directed=False), "count")
    assert np.array_equal(found_C, C)
    assert np.array_equal(found_H, H)


def test_terms_take_a_month_with_missing_days_for_a_whole_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half of the days of some months are lost, and with them half of what happened: all terms stay as they were."""
    whole = world("planted", n_actors=24, n_periods=40, seed=5).slices()
    lost = np.where(np.arange(40) % 7 == 3, 0.5, 1.0)
    at = np.repeat(lost, np.diff(whole.indptr))
    parts = {name: getattr(whole, name) * at for name in ("coop_count", "coop_weight", "host_count", "host_weight")}
    short = replace(whole, days=np.diff(whole.edges) * lost, **parts)
    seen: list[dict[str, Floats]] = []
    fit = ModelFit.of

    def of(Y: Floats, terms: dict[str, Floats], **options: Any) -> ModelFit:
        seen.append(dict(terms))
        return fit(Y, terms, **options)

    monkeypatch.setattr(ModelFit, "of", of)
    for sl in (whole, short):
        certify(sl, workers=1)
    n = len(seen) // 2
    for a, b in zip(seen[:n], seen[n:], strict=True):
        assert a.keys() == b.keys()
        for name in a:
            np.testing.assert_allclose(b[name], a[name], rtol=1e-12)


@pytest.mark.parametrize(
    ("order", "memory", "memory_order", "reverse", "rise_shown", "unsupported"),
    [
        (0.2, 1.0, 0.2, 2.5, False, True),  # four of five fail, and nothing rose
        (0.2, 1.0, 0.2, 2.5, None, True),
        (0.2, 1.0, 0.2, 2.5, True, False),  # it rose
        (0.2, 1.0, 0.2, 0.5, False, False),  # three fail
        (2.0, 2.5, 2.0, 0.5, False, False),  # none fails: "mixed" because nothing rose
    ],
)
def test_mixed_where_nothing_speaks_for_the_claim_says_so(
    order: float, memory: float, memory_order: float, reverse: float, rise_shown: bool | None, unsupported: bool
) -> None:
    low = {True: 1.5, False: 0.5, None: nan}[rise_shown]
    answer: Any = SimpleNamespace(rise=SimpleNamespace(shown=None if isnan(low) else low > 1), effect="shared_threat")
    fit: Any = None
    terms = tuple(Profile(a, b, 0.0, 0.1, 0.0) for a, b in ((-6, -1), (1, 6)))
    c = certificate(order=order, memory=memory, memory_order=memory_order, reverse=reverse)
    found = judge(replace(c, reverse_terms=terms), fit, answer)
    assert found.verdict == "mixed"
    assert found.unsupported is unsupported
    assert ("not supported by these data" in found.words) is unsupported


def test_terms_are_made_once_for_all_models_that_have_them(monkeypatch: pytest.MonkeyPatch) -> None:
    made = []

    def counted(hostility: np.ndarray, legs: str) -> np.ndarray:
        made.append(legs)
        return foe(hostility, legs)

    monkeypatch.setattr(models, "foe", counted)
    window, reference = np.arange(60) >= 40, np.arange(60) < 20
    certify(world("planted", seed=102).slices(), legs="sqrt", pair=PairQuestion(1, 2, window, reference))
    assert (made.count("sqrt"), made.count("min")) == (
        5 + 2,
        5,
    )  # L and M, and L the other way


@pytest.mark.parametrize("legs", ["min", "sqrt", "product", "binary"])
def test_hostility_that_is_the_same_every_day_has_not_risen(legs: str) -> None:
    """Before the onset half of the days are missing; hostility is constant per day, whatever way the legs combine."""
    S = 40
    share = np.where((np.arange(S) >= 17) & (np.arange(S) < 20), 0.55, 1.0)
    C, H = np.ones((S, 5, 5)), np.ones((S, 5, 5))
    H[:, 2, :2] = 4.0
    C[20:, 0, 1] = C[20:, 1, 0] = 6.0
    C, H = C * share[:, None, None], H * share[:, None, None]
    sl = slices_of(C, H, directed=True)
    sl = replace(sl, days=np.diff(sl.edges) * share)
    window, reference = masks(S, 20)
    facts = pair_facts(sl, C, at_full_exposure(H, sl), PairQuestion(0, 1, window, reference), legs=legs, seed=1)
    assert facts.onset == 20
    assert facts.hostility_ratio == pytest.approx(1.0)


def test_condition_6_by_one_step_is_near_a_refit() -> None:
    w = world("planted", n_actors=30, n_periods=50, seed=4)
    sl = w.slices()
    found = certify_all(sl)
    arrays = certificate_arrays(sl)
    terms = arrays.windows("sqrt", arrays.inertia())
    name = window_name(LAG)
    size = arrays.C[arrays.kept].sum(axis=0)
    order = np.argsort(-(size + size.T)[np.triu_indices(30, 1)])
    i, j = (ends[order] for ends in np.triu_indices(30, 1))
    for at in (*range(3), *range(40, 400, 90)):
        refit = z_of(arrays.fit(terms, without=(int(i[at]), int(j[at]))), {name: 1.0})
        step = found.held_without(int(i[at]), int(j[at]))
        assert step[0] == pytest.approx(refit[0], abs=0.02)
        assert step[1] == pytest.approx(refit[1], rel=0.15)
    silent = replace(found, place=np.full_like(found.place, -1))
    assert silent.held_without(0, 1)[2] == found.certificate.lag.statistic


def test_the_certificate_of_all_pairs_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    sl = world("nothing", n_actors=20, n_periods=40, seed=2).slices()
    window, reference = np.arange(40) >= 27, (np.arange(40) >= 14) & (np.arange(40) < 27)
    found = certify_all(sl)
    monkeypatch.setattr(ModelFit, "of", lambda *_, **__: pytest.fail("fitted again"))
    for pair in ((0, 1), (2, 5)):
        about = found.about(PairQuestion(*pair, window, reference))
        assert about.pair is not None
        assert about.profile == found.certificate.profile
        assert about.conditions[:-1] == found.certificate.conditions


@pytest.mark.parametrize("directed", [True, False])
@pytest.mark.parametrize(
    ("name", "seed"), [("planted", 4), ("planted", 5), ("nothing", 5), ("triangle", 5), ("season", 5)]
)
def test_the_first_failure_is_the_certificate_s(name: str, seed: int, directed: bool) -> None:
    w = world(name, n_actors=26, n_periods=48, seed=seed, effect=None if name == "season" else 0.7)
    sl = w.slices(directed=directed)
    failed = {s.name for s in certify(sl).conditions if not s.passed}
    first = first_failure(sl)
    assert first in failed or (first == "" and not failed)


def test_stories_apart_are_asked_of_their_own_fit() -> None:
    w = world("story_echo", generator="media", n_actors=30, n_periods=48, seed=3)
    assert w.C_apart is not None
    apart = slices_of(w.C_apart, w.H, directed=True)
    known, unknown = certify(w.slices(), apart=apart), certify(w.slices())
    alone = certify(apart)
    assert known.lag.statistic == pytest.approx(unknown.lag.statistic)
    assert STORY in unknown.caveats
    assert STORY not in known.caveats
    assert known.statistics["apart_lag"].statistic == pytest.approx(alone.lag.statistic, rel=1e-6)
    assert first_failure(w.slices(), apart=apart) in {s.name for s in known.conditions if not s.passed}
    with pytest.raises(ValueError, match="other periods"):
        certify(w.slices(), apart=slices_of(w.C_apart[1:], w.H[1:], directed=True))


def test_the_leak_is_what_the_windows_ahead_may_take_away() -> None:
    """Independent terms with errors of .1: lag .5, windows ahead .2 and -.1; the larger decides."""
    names = tuple(window_name(w) for w in WINDOWS)

    def fitted(*beta: float) -> Any:
        V = 0.01 * np.eye(5)
        return SimpleNamespace(fit=SimpleNamespace(names=names, beta=np.array(beta)), cov=Covariances(V, V, V, V))

    leak = largest_leak(fitted(0.0, 0.5, 0.0, 0.2, -0.1))
    assert (0.5 - 0.2 * leak) / (0.1 * np.hypot(1, leak)) == pytest.approx(1.645, abs=0.05)
    assert largest_leak(fitted(0.0, 0.5, 0.0, -0.2, 0.1)) == leak
    assert largest_leak(fitted(0.0, 0.5, 0.0, 0.0, 0.0)) > leak
    assert largest_leak(fitted(0.0, 0.1, 0.0, 0.0, 0.0)) == 0.0
    assert largest_leak(fitted(0.0, 99.0, 0.0, 0.0, 0.0)) == 10.0
    assert leak_text(leak).startswith("The effect")
    assert leak_text(nan) == ""
    assert "even if nothing leaks" in leak_text(0.0)
    assert "more than 10 times" in leak_text(10.0)
