"""Balance as an answer: the graph of a window, the threshold that is chosen, what is said of it."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from tertius.answers.camps import (
    Amounts,
    Balance,
    balance_of,
    caveats_of,
    check_options,
    graphs_of,
    influence_of,
    steps_of,
    threshold_of,
    weighed_by,
    with_edges,
)
from tertius.errors import NotEnoughData, UsageError
from tertius.signed.graph import SignedGraph, from_edges
from tertius.signed.neutral import expected
from tertius.spec import EDGES_AN_ACTOR, NEUTRALS


def drawn(seed: int, n: int = 12) -> Amounts:
    rng = np.random.default_rng(seed)
    C, H = rng.poisson(1.0, (2, n, n)) * rng.exponential(2.0, (2, n, n))
    np.fill_diagonal(C, 0.0)
    np.fill_diagonal(H, 0.0)
    return Amounts(C, H)


def slow_edges(w: Amounts, threshold: float, neutral: str, directed: bool) -> dict[tuple[int, int], int]:
    """The slow twin: pair by pair."""
    r = w.C.sum() / w.H.sum() if neutral == "window" else 1.0
    p = expected(w.C, w.H)
    out = {}
    for i in range(len(w.C)):
        for j in range(i + 1, len(w.C)):
            good, bad = w.C[i, j] + w.C[j, i], w.H[i, j] + w.H[j, i]
            net = good - p[i, j] * (good + bad) if neutral == "actors" else good - r * bad
            net = net if directed else net / 2
            if abs(net) > threshold:
                out[i, j] = 1 if net > 0 else -1
    return out


@pytest.mark.parametrize("neutral", NEUTRALS)
@pytest.mark.parametrize("directed", [True, False])
@pytest.mark.parametrize("threshold", [0.0, 1.7])
def test_edges_are_those_of_the_slow_twin(neutral: str, directed: bool, threshold: float) -> None:
    w = drawn(3)
    if not directed:
        w = Amounts(w.C + w.C.T, w.H + w.H.T)
    against = weighed_by({"w": w}, neutral)
    graph = graphs_of(against, [f"{k:02}" for k in range(12)], threshold, directed=directed)["w"]
    edges = zip(graph.a.tolist(), graph.b.tolist(), graph.sign.tolist(), strict=True)
    slow = slow_edges(w, threshold, neutral, directed)
    assert {(a, b): s for a, b, s in edges} == slow
    line = influence_of(against, neutral, threshold, directed)
    assert (line.edges, line.positive) == (len(slow), sum(s > 0 for s in slow.values()))
    assert line.actors == len({x for pair in slow for x in pair})


def test_the_windows_own_mix_nets_to_zero() -> None:
    w = drawn(1)
    assert w.weighed("window").net(True).sum() == pytest.approx(0.0, abs=1e-9)
    assert abs(w.weighed("even").net(True).sum()) > 1


def test_the_threshold_is_the_least_that_leaves_few_edges() -> None:
    windows = {"a": drawn(1), "b": drawn(2)}
    found = threshold_of(windows, True)
    steps = steps_of(windows, True)

    def an_actor(step: float) -> float:
        slow = [slow_edges(w, step, "even", True) for w in windows.values()]
        return sum(map(len, slow)) / sum(len({x for pair in s for x in pair}) for s in slow)

    assert an_actor(found) <= EDGES_AN_ACTOR < an_actor(steps[steps.index(found) - 1])
    assert threshold_of({"a": Amounts(*np.zeros((2, 3, 3)))}, True) == 0.0


def test_steps_are_one_two_and_five_times_powers_of_ten() -> None:
    C = np.zeros((3, 3))
    C[0, 1], C[0, 2] = 0.03, 40.0
    assert steps_of({"w": Amounts(C, np.zeros((3, 3)))}, True) == [0, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20]


def two_windows() -> dict[str, SignedGraph]:
    one = from_edges(["i", "j", "i", "k"], ["j", "k", "k", "l"], [1, -1, -1, 1], actors=["i", "j", "k", "l", "quiet"])
    two = from_edges(["i", "j", "i", "k"], ["j", "k", "k", "l"], [-1, -1, 1, 1], actors=["i", "j", "k", "l", "quiet"])
    return {"one": one, "two": two}


@pytest.fixture(scope="module")
def found() -> Balance:
    windows = balance_of(two_windows(), draws=5, seed=3)
    return Balance("x.csv", windows, caveats=caveats_of(windows, "2", "even", False), command="tertius balance x.csv")


def test_the_document_has_the_contracts_keys(found: Balance) -> None:
    document = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    window = document["windows"][0]
    assert {
        "window", "nodes", "edges", "positive", "negative", "triads", "balance_degree", "frustration", "lower_bound",
        "proven", "camps", "margin", "free_camps", "null", "seconds",
    } <= set(window)  # fmt: skip
    assert set(window["triads"]) == {"+++", "++-", "+--", "---"}
    assert {"cost", "lower_bound", "proven", "camps", "margin"} <= set(window["free_camps"])
    assert set(window["null"]) == {"signs", "degrees"}
    assert {"mean", "low", "high", "p", "draws"} <= set(window["null"]["signs"])
    assert (window["nodes"], window["silent"], window["edges"], window["frustration"]) == (4, 1, 4, 0)
    assert window["camps"] == {"i": 0, "j": 0, "k": 1, "l": 1}


def test_who_changed_sides_is_told_once(found: Balance) -> None:
    assert [(c.window, c.actor, c.was, c.now) for c in found.changes] == [("two", "i", 0, 1)]
    assert found.to_dict()["changes"] == [{"window": "two", "actor": "i", "from": 0, "to": 1, "staying": 2.0}]


def test_a_change_over_windows_in_which_it_has_no_edge_is_one() -> None:
    graphs = two_windows()
    without = from_edges(["j", "k"], ["k", "l"], [-1, 1], actors=["i", "j", "k", "l"])
    windows = balance_of({"one": graphs["one"], "without": without, "two": graphs["two"]})
    found = Balance("x.csv", windows, of="i")
    assert [(s.window, s.camp, s.left) for s in found.stood] == [("one", 0, -1), ("two", 1, 0)]
    assert "changed sides 1 time in 2 windows" in found.text
    assert [s["left"] for s in found.to_dict()["stood"]] == [None, 0]
    assert "changed sides 0 times" in replace(found, of="j").text


def test_rows_hold_every_actor_of_every_window(found: Balance) -> None:
    rows = found.rows()
    assert len(rows) == 8
    assert {key: rows[4][key] for key in ("window", "actor", "camp", "margin")} == {
        "window": "two", "actor": "i", "camp": 1, "margin": 2.0,
    }  # fmt: skip
    assert found.table("pyarrow").column_names == ["window", "actor", "camp", "margin", "free_camp", "free_margin"]


def test_a_window_without_an_edge_has_none_and_labels_last_over_it() -> None:
    graphs = two_windows()
    empty = from_edges([], [], [], actors=["i", "j"])
    windows = balance_of({"one": graphs["one"], "empty": empty, "again": graphs["one"]})
    assert [w.graph.m for w in windows] == [4, 0, 4]
    assert windows[1].to_dict()["camps"] == {}
    assert windows[2].two.changes == ()
    with pytest.raises(NotEnoughData, match="No window has an edge"):
        balance_of({"empty": empty})


def test_no_draws_no_null(found: Balance) -> None:
    (window, _) = balance_of(two_windows(), draws=0)
    assert window.to_dict()["null"] == {}
    assert window.to_dict()["null_verdict"] is None


def test_one_camp_that_holds_nearly_all_is_said() -> None:
    ring = from_edges(list("abcdefghijkl"), list("bcdefghijkla"), [1] * 12)
    windows = balance_of({"w": ring})
    even, other = (caveats_of(windows, "2", neutral, False)[0] for neutral in ("even", "window"))
    assert "one camp holds 90%" in even
    assert "--neutral actors" in even
    assert "--neutral" not in other


def test_actors_without_an_edge_are_left_out() -> None:
    graph = from_edges(["b", "d"], ["c", "b"], [1, -1], actors=list("abcde"))
    kept = with_edges(graph)
    assert kept.actors == ("b", "c", "d")
    assert (kept.a.tolist(), kept.b.tolist(), kept.weight.tolist()) == ([0, 0], [1, 2], [1.0, -1.0])


@pytest.mark.parametrize(
    ("camps", "seconds", "draws", "neutral", "threshold", "said"),
    [
        ("3", 1.0, 0, "even", None, "--camps '3'"),
        ("2", 0.0, 0, "even", None, "--seconds 0"),
        ("2", 1.0, -1, "even", None, "--draws -1"),
        ("2", 1.0, 0, "evn", None, "--neutral 'evn'"),
        ("2", 1.0, 0, "even", -1.0, "--threshold -1"),
        ("2", 1.0, 0, "even", float("nan"), "--threshold nan"),
    ],
)
def test_options_that_cannot_be_meant(
    camps: str, seconds: float, draws: int, neutral: str, threshold: float | None, said: str
) -> None:
    with pytest.raises(UsageError) as error:
        check_options(camps, seconds, draws, neutral, threshold)
    assert said in error.value.message
