"""What each world plants is in its data, seen without a model."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tertius.answers.certificate import certify
from tertius.worlds import EFFECT, FALSE_WORLDS, GENERATORS, TRUE_WORLDS, Rows, possible_worlds, slices_of, world
from tertius.worlds.counts import _felt, _reported
from tertius.worlds.media import DAYS, _Past
from tertius.worlds.moves import RIVALS, SUMMIT_AFTER, exposure, move_both, responding

Floats = np.ndarray


def rising(name: str, per_period: int = 1, T: int = 60, n: int = 20) -> tuple[Floats, Floats]:
    """What the world adds to log cooperation and log hostility."""
    on_C, on_H = np.zeros((T, n, n)), np.zeros((T, n, n))
    riv = np.zeros((n, n), dtype=bool)
    for k in range(n):
        riv[k, (k + 1 + np.arange(RIVALS)) % n] = True
    move_both(name, np.random.default_rng(3), on_C, on_H, riv, np.ones(n), np.arange(T) // per_period)
    return on_C, on_H


@pytest.mark.parametrize("name", ["planted", "nothing", "triangle", "late"])
def test_nothing_moves_both_where_nothing_should(name: str) -> None:
    on_C, on_H = rising(name)
    assert not on_C.any()
    assert not on_H.any()


@pytest.mark.parametrize("per_period", [1, 4])
def test_a_treaty_stands_three_periods_after_hostility_towards_both(
    per_period: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tertius.worlds.moves.TREATIES", 1)
    on_C, on_H = rising("announced", per_period, T=60 * per_period)
    hostile, friendly = np.flatnonzero(on_H.any((1, 2))), np.flatnonzero(on_C.any((1, 2)))
    assert len(hostile) == 3 * per_period
    assert friendly[0] == hostile[0] + 3 * per_period
    assert len(friendly) == min(12 * per_period, 60 * per_period - friendly[0])
    k, met = np.nonzero(on_H[hostile[0]])
    assert len(set(k)) == 1
    assert sorted(met) == sorted(np.nonzero(on_C[friendly[0]])[0])


def test_a_staggered_crisis_reaches_one_rival_after_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tertius.worlds.moves.CRISES", 1)
    on_C, on_H = rising("staggered", T=200)
    k = int(np.flatnonzero(on_H.any((0, 2)))[0])
    reached = {int(i): int(np.flatnonzero(on_H[:, k, i])[0]) for i in np.flatnonzero(on_H[:, k].any(0))}
    assert len(reached) == 5
    assert len(set(reached.values())) > 1
    ends = np.flatnonzero(on_H.any((1, 2)))[-1]
    for i in reached:
        for j in reached:
            if i != j:  # from when both are reached, until a year after the crisis
                span = np.flatnonzero(on_C[:, i, j])
                assert span[0] == max(reached[i], reached[j])
                assert span[-1] == ends + 12


def test_a_season_comes_every_year_and_its_summits_two_months_later() -> None:
    on_C, on_H = rising("season")
    assert np.array_equal(on_C[:12], on_C[12:24])
    for k in range(20):
        month = np.flatnonzero(on_H[:12, k].any(1))
        assert len(month) == 1
        i, j = np.flatnonzero(on_H[month[0], k])[:2]
        assert on_C[(month[0] + SUMMIT_AFTER) % 12, i, j] > 0


def test_quick_and_late_respond_to_their_own_periods() -> None:
    H = np.arange(20.0)[:, None, None] * np.ones((20, 3, 3))
    past = np.full((3, 3), -1.0)
    assert _felt("quick", H, past, 15)[0, 0] == 15 + 14
    assert _felt("late", H, past, 15)[0, 0] == sum(range(3, 10))  # 12 to 6 periods before
    assert _felt("planted", H, past, 15)[0, 0] == -1.0


def test_late_in_media_is_half_a_year_to_a_year_ago() -> None:
    past = _Past(np.zeros((3, 3)), np.zeros((3, 3)), np.zeros((3, 3)), [])
    for week in range(70):
        past.went_on("late", np.zeros((3, 3)), np.full((3, 3), float(week)), week)
    assert past.felt("late")[0, 0] == sum(range(70 - 52, 70 - 26 + 1))


def test_a_tenth_of_the_pairs_respond() -> None:
    who = responding(np.random.default_rng(1), "few_pairs", 60)
    assert np.array_equal(who, who.T)
    assert set(np.unique(who)) == {0.0, 1.0}
    assert who[np.triu_indices(60, 1)].mean() == pytest.approx(0.1, abs=0.02)
    assert responding(np.random.default_rng(1), "planted", 60).all()


def test_attention_adds_reports_of_either_sign_and_no_more() -> None:
    act, attention = np.full((30, 30), 5.0), np.full((30, 30), np.log(2.0))
    attention[:, :15] = -1.0
    both = [_reported(np.random.default_rng(1), act, act, a)[1] for a in (attention, attention.T)]
    assert np.array_equal(both[0][:, :15], act[:, :15])
    assert both[0][:, 15:].mean() == pytest.approx(10, rel=0.05)
    assert np.array_equal(both[1][:15], act[:15])


@pytest.mark.parametrize("generator", GENERATORS)
def test_a_triangle_swells_hostility_of_the_two_as_well_as_their_cooperation(generator: str) -> None:
    off = ~np.eye(30, dtype=bool)

    def goes_with(Z: Floats, H: Floats) -> float:
        """Correlation of what two do to each other, relative to their mean, with hostility that they shared before."""
        x = np.concatenate([exposure(H[t - 3 : t].sum(0), off, "sqrt")[off] for t in range(3, 40)])
        y = np.concatenate([(Z[t] / (Z.mean(0) + 0.05))[off] for t in range(3, 40)])
        return float(np.corrcoef(x, y)[0, 1])

    w, other = (world("triangle", generator=generator, effect=e, n_actors=30, n_periods=40, seed=5) for e in (2.0, 0.0))
    for of in ("C", "H"):
        Z, none = (getattr(x, of) + getattr(x, of).transpose(0, 2, 1) for x in (w, other))
        assert goes_with(Z, w.H) > goes_with(none, other.H) + 0.03


# Stories


def test_cooperation_of_a_story_that_codes_hostility_towards_both_is_told_apart() -> None:
    """Story 1: k=2 hostile to 0 and 1, who cooperate. Story 2: 2 hostile to 0 and 3 hostile to 1. Story 3: 0 with 1."""
    rows = Rows(
        day=np.array([0, 0, 0, 31, 31, 31, 40, 2]),
        source=np.array([2, 2, 0, 2, 3, 0, 0, 0]),
        target=np.array([0, 1, 1, 0, 1, 1, 1, 3]),
        cooperative=np.array([False, False, True, False, False, True, True, True]),
        story=np.array([1, 1, 1, 2, 2, 2, 3, 1]),
    )
    assert rows.apart().tolist() == [True, True, False, True, True, True, True, True]
    C, H = rows.totals(2, 4)
    assert C[:, 0, 1].tolist() == C[:, 1, 0].tolist() == [1, 2]
    assert H[0, 2].tolist() == [1, 1, 0, 0]
    assert rows.totals(2, 4, rows.apart())[0][:, 0, 1].tolist() == [0, 2]


def test_rows_are_the_reports_that_the_arrays_count() -> None:
    w = world("planted_story", generator="media", n_actors=14, n_periods=9, seed=5)
    assert w.rows is not None
    assert w.C_apart is not None
    C, H = w.rows.totals(9, 14)
    assert np.array_equal(C, w.C)
    assert np.array_equal(H, w.H)
    assert (w.C_apart <= w.C).all()
    assert 0.8 * w.C.sum() < w.C_apart.sum() < w.C.sum()
    plain = world("planted", generator="media", n_actors=14, n_periods=9, seed=5)
    assert plain.C_apart is not None
    assert np.array_equal(plain.C_apart, plain.C)
    assert world("planted", n_actors=14, n_periods=9).C_apart is None


def test_an_echo_repeats_the_story_over_three_months() -> None:
    once, echo = (world(x, generator="media", n_actors=20, n_periods=24, seed=4) for x in ("one_story", "story_echo"))
    assert once.rows is not None
    assert echo.rows is not None

    def spread(rows: Rows) -> int:
        """Days from the first report of a story coded as both to its last, on average."""
        coded = np.unique(rows.story[~rows.apart()])
        return float(np.mean([np.ptp(rows.day[rows.story == s]) for s in coded[:60]]))

    assert spread(once.rows) < 30
    assert 45 < spread(echo.rows) < 130
    assert echo.C.sum() > 1.2 * once.C.sum()


def test_a_frame_names_the_story() -> None:
    w = world("one_story", generator="media", n_actors=14, n_periods=5, seed=3)
    table = w.to_frame("pyarrow").to_pylist()
    assert len(table) == w.C.sum() + w.H.sum()
    assert w.rows is not None
    assert {r["url"] for r in table} == {f"story:{s}" for s in w.rows.story}
    assert min(r["date"] for r in table) >= "2000-01-01"
    assert max(r["date"] for r in table) <= "2000-05-28"
    first = sum(r["quad"] == 1 and r["date"] < "2000-02-01" for r in table)
    assert first == w.C[0].sum()
    assert (w.rows.day < 5 * DAYS).all()


def test_every_true_world_has_an_effect_and_only_they_and_two_more() -> None:
    assert set(EFFECT) == {*TRUE_WORLDS, "planted_story", "reverse", "triangle"}
    assert not set(TRUE_WORLDS) & set(FALSE_WORLDS)
    assert "heavy_tails" not in possible_worlds("media")
    assert "story_echo" not in possible_worlds("counts")


@pytest.mark.parametrize("generator", GENERATORS)
@pytest.mark.parametrize("name", ["saturating", "late"])
def test_without_effect_a_true_world_is_nothing(generator: str, name: str) -> None:
    none, nothing = (
        world(n, generator=generator, effect=0.0, n_actors=16, n_periods=30, seed=3) for n in (name, "nothing")
    )
    assert np.array_equal(none.C, nothing.C)
    strong = world(name, generator=generator, effect=2.0, n_actors=16, n_periods=30, seed=3)
    assert not np.array_equal(strong.C, nothing.C)


@pytest.mark.filterwarnings("ignore::tertius.errors.TertiusWarning")
def test_rows_with_stories_are_certified_with_stories_apart() -> None:
    import tertius

    w = world("one_story", generator="media", n_actors=14, n_periods=30, seed=4)
    assert w.C_apart is not None
    answer = tertius.explain("A00", "A01", w.to_frame("pyarrow"), permutations=0, cache=False)
    assert answer.certificate is not None
    # rows end with the 28th: of the last month, 28 days are known
    sl, apart = w.slices(), slices_of(w.C_apart, w.H, directed=True)
    sl = replace(sl, days=np.append(np.diff(sl.edges)[:-1], 28.0))
    asked = certify(sl, response="count", apart=apart)
    for name in ("lag", "apart_lag", "apart_order"):
        found, expected = answer.certificate.statistics[name], asked.statistics[name]
        assert found.statistic == pytest.approx(expected.statistic, abs=1e-9)
    assert answer.certificate.statistics["apart_lag"].statistic != pytest.approx(asked.lag.statistic, abs=1e-3)
