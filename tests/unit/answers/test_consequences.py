"""The changed world given the recorded one: the coupling, periods against their definition, nothing where nothing is
changed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tertius.answers.changed import Change
from tertius.answers.consequences import (
    Forward,
    _rates,
    consequences,
    counterfactual,
    draw,
    kept_and_more,
    prepare,
)
from tertius.effects import PastView, columns
from tertius.events.slices import DyadSlices
from tertius.history import Past
from tertius.model.design import Design, build_design
from tertius.simulation import simulate
from tertius.spec import HalfLife, ModelSpec

T = 40
LATER = np.arange(T) >= 30


def design(directed: bool) -> Design:
    coop = {"inertia.coop": 0.2, "shared_threat" if directed else "common_foe": 0.2}
    sl: DyadSlices = simulate(
        10, T, cooperation=coop, hostility={"inertia.host": 0.2}, events_per_slice=(60.0, 40.0), half_life="60d",
        length="1mo", heterogeneity=0.3, directed=directed, seed=4,
    ).slices  # fmt: skip
    effects = "inertia,shared_threat" if directed else "inertia,common_foe"
    spec = ModelSpec.of(model="rate", slice="1mo", half_life="60d", effects=effects, legs="min", response="count")
    return build_design(sl, spec.resolve(directed=directed))


def test_given_events_at_one_rate_the_changed_ones_are_poisson_at_the_other() -> None:
    rng = np.random.default_rng(1)
    a, b = np.full((1, 60_000), 3.0), np.repeat([3.0, 1.0, 4.5], 20_000)[None]
    seen = rng.poisson(a[0]).astype(float)
    (changed,) = counterfactual(rng, seen, *kept_and_more(a, b))
    assert (changed[:20_000] == seen[:20_000]).all()
    assert (changed[20_000:40_000] <= seen[20_000:40_000]).all()
    assert (changed[40_000:] >= seen[40_000:]).all()
    for drawn, rate in zip(changed.reshape(3, -1), (3.0, 1.0, 4.5), strict=True):
        assert drawn.mean() == pytest.approx(rate, rel=0.03)
        assert drawn.var() == pytest.approx(rate, rel=0.05)


def test_half_an_event_stays_or_goes_as_one() -> None:
    rng = np.random.default_rng(2)
    changed = counterfactual(rng, np.full(40_000, 1.5), *kept_and_more(np.full((1, 40_000), 4.0), np.ones((1, 40_000))))
    assert set(np.unique(changed)) == {0.0, 0.5, 1.0, 1.5}
    assert changed.mean() == pytest.approx(1.5 / 4, rel=0.03)


@pytest.mark.parametrize("directed", [True, False])
def test_a_factor_of_one_changes_nothing_exactly(directed: bool) -> None:
    found = consequences(design(directed), 2, 3, [Change(5, 2, "host", 1.0, None, LATER)], "any", 40, 1)
    assert (found.found.difference, found.found.low, found.found.high) == (0.0, 0.0, 0.0)
    assert (found.baseline == found.changed).all()
    assert found.found.baseline > 0


@pytest.mark.parametrize("directed", [True, False])
def test_at_the_history_there_was_each_draw_expects_what_happened(directed: bool) -> None:
    made = design(directed)
    world, _ = prepare(made, 30, 5, 1)
    sl = made.slices
    never = np.zeros(5, dtype=bool)
    rates = _rates(world, world.effects(), world.C[None], world.H[None], slice(0, 5), 0, never)
    at = sl.entries(30)
    for rate, count in zip(rates, (sl.coop_count, sl.host_count), strict=True):
        assert rate.sum(axis=(1, 2)) == pytest.approx(np.full(5, count[at].sum()), rel=1e-9)
    assert not never.any()


@pytest.mark.parametrize("directed", [True, False])
def test_the_world_as_it_was_is_the_recorded_one(directed: bool) -> None:
    made = design(directed)
    found = consequences(made, 2, 3, [Change(5, 2, "host", 0.5, None, LATER)], "cooperation", 60, 1)
    sl = made.slices
    cells = [2 * 10 + 3, 3 * 10 + 2] if directed else [2 * 10 + 3]
    slow = [
        sum(sl.coop_count[e] for e in range(sl.indptr[s], sl.indptr[s + 1]) if sl.dyad[e] in cells)
        for s in range(30, T)
    ]
    assert found.baseline.tolist() == slow
    assert found.observed == found.found.baseline == sum(slow) > 0
    assert found.replay[0] <= found.observed <= found.replay[1]  # the model is the one that drew the history
    assert found.replay[0] < found.replay[1]


@pytest.mark.parametrize("directed", [True, False])
def test_what_is_remembered_of_the_unchanged_world_is_the_history(
    directed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = design(directed)
    world, _ = prepare(made, 30, 2, 1)
    seen: list[np.ndarray] = []

    def watched(world: Forward, effects: Any, C: np.ndarray, H: np.ndarray, *rest: Any) -> Any:
        seen.append(np.stack([np.broadcast_to(W, (2, 10, 10)) for W in (C, H)]))
        return _rates(world, effects, C, H, *rest)

    monkeypatch.setattr("tertius.answers.consequences._rates", watched)
    draw(world, 2, 3, [Change(5, 2, "host", 1.0, None, LATER)], 30, 1, "any")
    slow = [np.stack([p.C.copy(), p.H.copy()]) for p in made.history.past_of(list(range(30, T)))]
    assert len(seen) == 2 * len(slow) - 1  # until they part the worlds have one history
    for t, past in enumerate(slow):
        for found in seen[max(2 * t - 1, 0) : 2 * t + 1]:
            np.testing.assert_allclose(found, np.broadcast_to(past[:, None], found.shape), rtol=1e-9, atol=1e-12)


def test_draws_do_not_depend_on_how_many_processes_make_them(monkeypatch: pytest.MonkeyPatch) -> None:
    world = forward(120, 0.5)
    stop = [Change(4, 0, "host", 0.0, None, np.ones(2, dtype=bool))]
    alone = draw(world, 0, 1, stop, 0, 7, "any")
    monkeypatch.setattr("tertius.answers.consequences.WORTH_FORKING", 0)
    forked = draw(world, 0, 1, stop, 0, 7, "any")
    assert (alone.events == forked.events).all()
    assert (alone.expected == forked.expected).all()


def forward(draws: int, effect: float) -> Forward:
    rng = np.random.default_rng(3)
    n = 5
    C, H = rng.gamma(1.0, 2.0, (2, n, n))
    for W in (C, H):
        np.fill_diagonal(W, 0.0)
    at_risk = np.flatnonzero(~np.eye(n, dtype=bool).ravel())
    made = columns(["inertia.coop", "shared_threat"], True)
    betas = np.tile([0.2, effect], (draws, 1))
    seen = tuple(rng.poisson(rate, (2, n, n)) * (1.0 - np.eye(n)) for rate in (2.0, 3.0))
    return Forward(
        made, np.array([1.0, 2.0]), False, "min", True, at_risk, C, H, (betas, 0 * betas),
        (np.zeros((draws, 2)), np.full((draws, 2), 0.5)), (np.ones(20), np.ones(20)),
        (seen[0], seen[1]), (seen[0], 2.0 * seen[1]), (1.0, 2.0),
        HalfLife.parse("30d"), np.array([30.0, 30.0]), (np.inf, np.inf),
    )  # fmt: skip


def test_two_periods_are_their_definition() -> None:
    """Each event stays with probability b / a, or Poisson events at b - a are added; both histories weigh and decay."""
    world = forward(6000, 0.5)
    world.seen[1][0, 4, 0] = 9.0
    world.amount[1][0, 4, 0] = 18.0
    stop = Change(4, 0, "host", 0.0, None, np.ones(2, dtype=bool))
    drawn = draw(world, 0, 1, [stop], 0, 7, "cooperation")

    def rates(C: np.ndarray, H: np.ndarray) -> np.ndarray:
        view = PastView(Past(0, C, H, C > 0, H > 0), "min", True)
        eta = 0.2 * np.log1p(world.columns[0].compute(view)) + 0.5 * np.log1p(world.columns[1].compute(view) / 2)
        return np.exp(eta) * ~np.eye(5, dtype=bool)

    coop, amount = world.seen[0], world.amount
    was = (world.C + amount[0][0]) / 2, (world.H + amount[1][0]) / 2
    slow, total = 0.0, 0.0
    hostile = amount[1][0].copy()
    hostile[4, 0] = 0.0  # in the first period nothing else has changed yet
    a, b = rates(*was), rates(was[0], (world.H + hostile) / 2)
    for cell in ((0, 1), (1, 0)):
        total += coop[1][cell]
        slow += coop[1][cell] * min(1.0, b[cell] / a[cell]) + max(0.0, b[cell] - a[cell])
    assert drawn.expected[0, :, :, 0].tolist() == [[coop[0][0, 1] + coop[0][1, 0]] * 2] * 6000
    assert drawn.expected[0, :, 0, 1] == pytest.approx(total)
    assert drawn.expected[0, :, 1, 1] == pytest.approx(slow, rel=1e-12)
    assert drawn.events[0, :, 1, 1].mean() == pytest.approx(slow, rel=0.03)
    assert slow < 0.97 * total
    assert drawn.replay[0, :, 1].mean() == pytest.approx(a[0, 1] + a[1, 0], rel=0.03)


def test_what_was_drawn_in_one_period_is_history_in_the_next() -> None:
    """Of three periods the third sees, in the changed world, what the second one lost."""
    world = forward(4000, 2.0)
    world = replace(
        world, days=np.full(3, 30.0), base=(np.zeros((4000, 3)), np.full((4000, 3), 0.5)),
        seen=(np.full((3, 5, 5), 6.0),) * 2, amount=(np.full((3, 5, 5), 6.0), np.full((3, 5, 5), 12.0)),
    )  # fmt: skip
    stop = Change(4, 0, "host", 0.0, None, np.ones(3, dtype=bool))
    found = draw(world, 0, 1, [stop], 0, 7, "cooperation")
    lost = found.events[0, :, 0, 1] - found.events[0, :, 1, 1]
    assert lost.std() > 0
    assert np.corrcoef(lost, found.expected[0, :, 1, 2])[0, 1] < -0.2  # inertia: what was lost is missed later


def test_the_changed_flow_is_what_was_recorded_and_changes_of_one_flow_follow_each_other() -> None:
    world, always = forward(4000, 0.5), np.ones(2, dtype=bool)
    world.seen[1][:, 0, 1], world.seen[1][:, 1, 0] = [8.0, 4.0], 0.0
    half, twice = (Change(0, 1, "host", x, None, always) for x in (0.5, 2.0))
    drawn = draw(world, 0, 1, [half, Change(1, 0, "host", None, 0.0, always)], 0, 7, "hostility")
    assert drawn.expected[1, 0].tolist() == [[8.0, 4.0], [4.0, 2.0]]
    assert drawn.events[1].mean(axis=0) == pytest.approx(np.array([[8.0, 4.0], [4.0, 2.0]]), rel=0.03)
    both = draw(world, 0, 1, [half, twice], 0, 7, "any")
    assert (both.events[:, :, 0] == both.events[:, :, 1]).all()


def test_the_changed_flow_takes_no_feedback_and_a_level_is_a_level() -> None:
    world = forward(500, 0.5)
    both = [
        Change(0, 1, "host", None, 6.0, np.ones(2, dtype=bool)),
        Change(1, 0, "host", None, 0.0, np.ones(2, dtype=bool)),
    ]
    drawn = draw(world, 0, 1, both, 0, 7, "hostility")
    assert drawn.expected[1, :, 1] == pytest.approx(np.full((500, 2), 3.0))  # 6 of weight are 3 events of 2
    recorded = world.seen[1][:, 0, 1] + world.seen[1][:, 1, 0]
    assert (drawn.expected[1, :, 0] == recorded).all()
