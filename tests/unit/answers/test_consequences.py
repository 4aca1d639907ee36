"""Two worlds drawn forward: the coupling, one period against its definition, nothing where nothing is changed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tertius.answers.changed import Change
from tertius.answers.consequences import Forward, consequences, coupled, draw, prepare
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


def test_each_worlds_events_are_poisson_and_equal_where_the_rates_are() -> None:
    rng = np.random.default_rng(1)
    a, b = np.full(40_000, 3.0), np.repeat([3.0, 1.0], 20_000)
    one, other = coupled(rng, a, b)
    assert (one[:20_000] == other[:20_000]).all()
    assert (other[20_000:] <= one[20_000:]).all()
    for drawn, rate in ((one, 3.0), (other[20_000:], 1.0)):
        assert drawn.mean() == pytest.approx(rate, rel=0.03)
        assert drawn.var() == pytest.approx(rate, rel=0.05)


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
    sl, n = made.slices, made.slices.n_actors
    total = np.zeros((2, 5))
    for i in range(n):
        for j in range(i + 1, n):
            for sign, outcome in enumerate(("cooperation", "hostility")):
                drawn = draw(world, i, j, [Change(5, 2, "host", 1.0, None, LATER)], 30, 1, outcome)
                total[sign] += drawn.expected[sign, :, 0, 0]
    at = sl.entries(30)
    assert total[0] == pytest.approx(np.full(5, sl.coop_count[at].sum()), rel=1e-9)
    assert total[1] == pytest.approx(np.full(5, sl.host_count[at].sum()), rel=1e-9)


@pytest.mark.parametrize("directed", [True, False])
def test_what_happened_stands_beside_what_the_draws_of_the_world_as_it_was_make_of_it(directed: bool) -> None:
    made = design(directed)
    found = consequences(made, 2, 3, [Change(5, 2, "host", 0.5, None, LATER)], "cooperation", 60, 1)
    sl = made.slices
    cells = [2 * 10 + 3, 3 * 10 + 2] if directed else [2 * 10 + 3]
    slow = sum(
        sl.coop_count[e] for s in range(30, T) for e in range(sl.indptr[s], sl.indptr[s + 1]) if sl.dyad[e] in cells
    )
    assert found.observed == slow > 0
    assert found.replay[0] <= found.observed <= found.replay[1]  # the model is the one that drew the history
    assert found.replay[0] < found.found.baseline < found.replay[1]


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
    return Forward(
        made, np.array([1.0, 2.0]), False, "min", True, at_risk, C, H, (betas, 0 * betas),
        (np.zeros((draws, 2)), np.full((draws, 2), 0.5)), (np.ones(20), np.ones(20)), (1.0, 2.0),
        HalfLife.parse("30d"), np.array([30.0, 30.0]), (np.inf, np.inf),
    )  # fmt: skip


def test_two_periods_are_their_definition() -> None:
    """Rates of the first from the history; of the second from what was drawn, events weighted and decayed."""
    world = forward(6000, 0.5)
    stop = Change(4, 0, "host", 0.0, None, np.ones(2, dtype=bool))
    drawn = draw(world, 0, 1, [stop], 0, 7, "cooperation")

    def rates(C: np.ndarray, H: np.ndarray) -> float:
        view = PastView(Past(0, C, H, C > 0, H > 0), "min", True)
        eta = 0.2 * np.log1p(world.columns[0].compute(view)) + 0.5 * np.log1p(world.columns[1].compute(view) / 2)
        return float(np.exp(eta)[0, 1] + np.exp(eta)[1, 0])

    assert drawn.expected[0, :, :, 0] == pytest.approx(rates(world.C, world.H), rel=1e-12)
    assert drawn.events[0, :, 0, 0].mean() == pytest.approx(rates(world.C, world.H), rel=0.03)
    rng, slow = np.random.default_rng(8), np.zeros((2, 3000))
    for r in range(3000):
        for w in (0, 1):
            hostile = rng.poisson(np.exp(0.5) * ~np.eye(5, dtype=bool)).astype(float)
            if w:
                hostile[4, 0] = 0.0
            view = PastView(Past(0, world.C, world.H, world.C > 0, world.H > 0), "min", True)
            eta = 0.2 * np.log1p(world.columns[0].compute(view)) + 0.5 * np.log1p(world.columns[1].compute(view) / 2)
            coop = rng.poisson(np.exp(eta) * ~np.eye(5, dtype=bool))
            slow[w, r] = rates((world.C + coop) / 2, (world.H + 2.0 * hostile) / 2)
    means = drawn.expected[0, :, :, 1].mean(axis=0)
    assert means == pytest.approx(slow.mean(axis=1), rel=0.02)
    assert means[1] < 0.97 * means[0]


def test_the_changed_flow_is_what_was_recorded_and_changes_of_one_flow_follow_each_other() -> None:
    world, always = forward(4000, 0.5), np.ones(2, dtype=bool)
    half, twice = (Change(0, 1, "host", x, None, always) for x in (0.5, 2.0))
    seen = np.array([8.0, np.nan])
    drawn = draw(world, 0, 1, [half, Change(1, 0, "host", None, 0.0, always)], 0, 7, "hostility", [seen, 0 * seen])
    assert drawn.expected[1, 0, :, 0].tolist() == [8.0, 4.0]
    assert drawn.events[1, :, :, 0].mean(axis=0) == pytest.approx([8.0, 4.0], rel=0.03)
    assert drawn.expected[1, 0, :, 1] == pytest.approx([np.exp(0.5) * 2, np.exp(0.5) * 0.5])  # the model's own rate
    both = draw(world, 0, 1, [half, twice], 0, 7, "any", [seen, seen])
    assert (both.events[:, :, 0] == both.events[:, :, 1]).all()


def test_the_changed_flow_takes_no_feedback_and_a_level_is_a_level() -> None:
    world = replace(forward(500, 0.5), weight=(1.0, 2.0))
    both = [
        Change(0, 1, "host", None, 6.0, np.ones(2, dtype=bool)),
        Change(1, 0, "host", None, 0.0, np.ones(2, dtype=bool)),
    ]
    drawn = draw(world, 0, 1, both, 0, 7, "hostility")
    assert drawn.expected[1, :, 1] == pytest.approx(np.full((500, 2), 3.0))  # 6 of weight are 3 events of 2
    assert drawn.expected[1, :, 0] == pytest.approx(np.full((500, 2), 2 * np.exp(0.5)))
