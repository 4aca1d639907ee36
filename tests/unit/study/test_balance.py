"""Balance of a store and of an edge list: windows, observed days, options that do not go together."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest

import tertius
from tertius.errors import BadValue, EmptyData, NotEnoughData, UsageError
from tertius.signed.graph import from_edges

WriteCsv = Callable[..., Path]
HEAD = "date,source,target,quad"


def rows(*lines: tuple[str, str, str, int, int]) -> list[str]:
    """day, source, target, quad, how often."""
    return [f"{d},{a},{b},{q}" for d, a, b, q, n in lines for _ in range(n)]


@pytest.fixture
def events(csv_file: WriteCsv) -> Path:
    """RUS and PRK stand together in both years, USA against PRK; CHN changes from 2021 on."""
    return csv_file(
        "events.csv", HEAD,
        *rows(
            ("2020-02-01", "RUS", "PRK", 1, 5), ("2020-03-01", "PRK", "RUS", 3, 2), ("2020-04-01", "USA", "PRK", 3, 4),
            ("2020-05-01", "CHN", "USA", 1, 3), ("2020-06-01", "CHN", "RUS", 4, 3), ("2021-02-01", "RUS", "PRK", 2, 4),
            ("2021-03-01", "PRK", "USA", 4, 4), ("2021-04-01", "CHN", "USA", 3, 3), ("2021-06-01", "RUS", "CHN", 1, 3),
            ("2021-12-31", "RUS", "USA", 3, 1), ("2020-01-01", "RUS", "USA", 3, 1),
        ),
    )  # fmt: skip


def test_the_net_of_both_directions_gives_the_sign(events: Path) -> None:
    found = tertius.balance(events, threshold=0, draws=0)
    assert [w.window for w in found.windows] == ["2020", "2021"]
    graph = found.windows[0].graph
    edges = {
        (graph.actors[a], graph.actors[b]): s
        for a, b, s in zip(graph.a.tolist(), graph.b.tolist(), graph.sign.tolist(), strict=True)
    }
    assert edges == {("PRK", "RUS"): 1, ("PRK", "USA"): -1, ("CHN", "USA"): 1, ("CHN", "RUS"): -1, ("RUS", "USA"): -1}
    camps = found.windows[0].to_dict()["camps"]
    assert camps["PRK"] == camps["RUS"] != camps["CHN"] == camps["USA"]
    assert [(c.window, c.actor) for c in found.changes] == [("2021", "CHN")]


def test_the_threshold_is_per_observed_day(events: Path) -> None:
    just = 3 / 366  # RUS and PRK in 2020: five together, two against
    above, below = (
        tertius.balance(events, threshold=just * x, draws=0, end="2020-12-31", neutral="even") for x in (0.99, 1.01)
    )
    assert (above.windows[0].graph.positive, below.windows[0].graph.positive) == (2, 0)


def test_half_the_days_unobserved_leave_the_graph_as_it_is(events: Path, csv_file: WriteCsv) -> None:
    """What fell on the days that were seen, per day seen: a threshold means the same in a window half seen."""
    table = pd.read_csv(events)
    days = [date(2021, 1, 1) + timedelta(days=d) for d in range(1, 364, 2)]
    gone = [str(d) for d in days if str(d) not in set(table["date"])]
    gaps = csv_file("gaps.csv", "date", *gone)
    seen = tertius.load(events, missing=gaps)
    (_, half) = tertius.balance(seen, threshold=0, draws=0, weighted=True).windows
    (_, whole) = tertius.balance(events, threshold=0, draws=0, weighted=True).windows
    assert half.days == 365 - len(gone)
    assert half.graph.weight == pytest.approx(whole.graph.weight * 365 / half.days)


def test_a_window_hardly_observed_is_left_out_and_said(events: Path, csv_file: WriteCsv) -> None:
    seen = set(pd.read_csv(events)["date"])
    days = [str(date(2021, 1, 1) + timedelta(days=d)) for d in range(365)]
    gaps = csv_file("gaps.csv", "date", *[d for d in days if d not in seen])
    found = tertius.balance(tertius.load(events, missing=gaps), threshold=0, draws=0)
    assert [w.window for w in found.windows] == ["2020"]
    assert "1 window less than half observed" in found.caveats[0]


def test_one_window_is_enough(events: Path) -> None:
    found = tertius.balance(events, window="2y", threshold=0, draws=0)
    assert len(found.windows) == 1
    assert (found.windows[0].first, found.windows[0].last) == ("2020-01-01", "2021-12-31")


@pytest.mark.parametrize(
    ("window", "first"), [("1y", "2020"), ("3mo", "2020 Q1"), ("1mo", "2020-01"), ("2y", "2020-01-01")]
)
def test_windows_are_named(window: str, first: str, events: Path) -> None:
    assert tertius.balance(events, window=window, threshold=0, draws=0).windows[0].window == first


def test_net_data_count_each_pair_once(csv_file: WriteCsv) -> None:
    path = csv_file("net.csv", "date,a,b,weight", "2020-01-01,RUS,PRK,366", "2020-12-31,USA,PRK,-732")
    data = tertius.load(path, directed=False)
    found = tertius.balance(data, threshold=0, draws=0, weighted=True, neutral="even")
    assert found.windows[0].graph.weight.tolist() == pytest.approx([1.0, -2.0])
    assert any("whose hostility it was" in text for text in found.caveats)


def test_types_and_actors_choose_rows(csv_file: WriteCsv) -> None:
    lines = ("2020-01-01,RUS,PRK,1,CONSULT", "2020-06-01,USA,PRK,3,ACCUSE", "2020-07-01,USA,CHN,1,CONSULT")
    path = csv_file("typed.csv", f"{HEAD},type", *lines)
    found = tertius.balance(path, threshold=0, draws=0, types="consult")
    assert (found.windows[0].graph.positive, found.windows[0].graph.negative) == (2, 0)
    found = tertius.balance(path, threshold=0, draws=0, actors="RUS,PRK,USA")
    assert set(found.windows[0].graph.actors) == {"PRK", "RUS", "USA"}
    with pytest.raises(UsageError, match=r"No row of .* is of type 'consul'"):
        tertius.balance(path, types="consul", draws=0)


def test_the_influence_of_the_threshold_is_told_for_every_neutral(events: Path) -> None:
    found = tertius.balance(events, threshold=0.002, draws=0)
    assert found.neutral == "actors"
    taken = [x for x in found.influence if (x.threshold, x.neutral) == (0.002, "actors")]
    assert len(taken) == 1
    assert taken[0].edges == sum(w.graph.m for w in found.windows)
    assert [x.neutral for x in found.influence[-2:]] == ["window", "even"]
    for line in found.influence[-2:]:
        other = tertius.balance(events, threshold=0.002, neutral=line.neutral, draws=0)
        assert sum(w.graph.m for w in other.windows) == line.edges


def test_an_edge_list_has_its_own_windows_and_says_what_it_did(csv_file: WriteCsv) -> None:
    path = csv_file("edges.csv", "window,a,b,sign", "w2,i,j,1", "w2,j,i,-1", "w2,j,k,1", "w1,i,j,-1", "w1,i,i,1")
    found = tertius.balance(path, draws=0)
    assert [w.window for w in found.windows] == ["w2", "w1"]
    assert any("w2: 1 pair: rows with different signs cancel out" in text for text in found.caveats)
    assert any("w1: 1 row of an actor with itself dropped" in text for text in found.caveats)
    assert found.threshold is None
    assert found.to_dict()["unit"] is None


def test_a_blank_around_a_windows_name_makes_no_other_window(csv_file: WriteCsv) -> None:
    path = csv_file("edges.csv", "window,a,b,sign", "w1,i,j,1", " w1 ,j,k,1", "w2,i,j,1", "w1,i,k,-1")
    found = tertius.balance(path, draws=0)
    assert [(w.window, w.graph.m) for w in found.windows] == [("w1", 3), ("w2", 1)]
    with pytest.raises(BadValue, match="window is empty"):
        tertius.balance(csv_file("blank.csv", "window,a,b,sign", " ,i,j,1"), draws=0)


def test_an_edge_list_without_an_edge_says_what_became_of_its_rows(csv_file: WriteCsv) -> None:
    """And names no option that edge lists refuse."""
    path = csv_file("none.csv", "a,b,sign,weight", "i,j,1,0", "k,k,1,2")
    with pytest.raises(
        NotEnoughData, match=r"1 row of an actor with itself dropped\. 1 row of weight or sign zero"
    ) as none:
        tertius.balance(path, draws=0)
    assert "--" not in str(none.value)


def test_frames_and_graphs_are_taken_too(csv_file: WriteCsv) -> None:
    frame = pd.DataFrame({"a": ["i", "j", "i"], "b": ["j", "k", "k"], "sign": [1, -1, 1], "weight": [1, 2, 4]})
    by_frame = tertius.balance(frame, draws=0).windows[0]
    graph = from_edges(frame["a"], frame["b"], frame["sign"], frame["weight"])
    by_graph = tertius.balance(graph, draws=0).windows[0]
    assert by_frame.two.found.cost == by_graph.two.found.cost == 1.0


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"threshold": 1.0}, "--threshold is for event data"),
        ({"window": "1mo", "weighted": True}, "--window and --weighted are for event data"),
        ({"neutral": "window"}, "--neutral is for event data"),
    ],
)
def test_options_for_events_are_refused_of_an_edge_list(
    options: dict[str, object], said: str, csv_file: WriteCsv
) -> None:
    with pytest.raises(UsageError) as error:
        tertius.balance(csv_file("e.csv", "a,b,sign", "i,j,1"), draws=0, **options)
    assert said in error.value.message


def test_what_cannot_be_answered_is_refused(events: Path, csv_file: WriteCsv) -> None:
    with pytest.raises(NotEnoughData, match="No window has an edge"):
        tertius.balance(events, threshold=1e9, draws=0)
    with pytest.raises(BadValue, match="sign is 2"):
        tertius.balance(csv_file("e.csv", "a,b,sign", "i,j,2"), draws=0)
    with pytest.raises(EmptyData):
        tertius.balance(events, start="2030-01-01", draws=0)
    with pytest.raises(UsageError, match="--response 'money'"):
        tertius.balance(events, response="money", draws=0)


def test_the_two_costs_are_those_of_brute_force(csv_file: WriteCsv) -> None:
    """On a store: all partitions of seven actors, the cost counted from the raw rows."""
    import itertools
    import random

    draw = random.Random(4)
    names = ["RUS", "PRK", "USA", "CHN", "IRN", "ISR", "UKR"]
    pairs = list(itertools.combinations(names, 2))
    lines = [(f"2020-0{draw.randint(1, 9)}-01", *draw.sample(p, 2), draw.choice([1, 2, 3, 4])) for p in pairs * 3]
    path = csv_file("drawn.csv", HEAD, "2020-01-01,RUS,USA,1", *(",".join(map(str, x)) for x in lines))
    net = dict.fromkeys(map(frozenset, pairs), 0)
    for _, a, b, q in [("", "RUS", "USA", 1), *lines]:
        net[frozenset((a, b))] += 1 if q <= 2 else -1

    def cost(camps: tuple[int, ...]) -> int:
        side = dict(zip(names, camps, strict=True))
        return sum((v > 0) != (side[min(p)] == side[max(p)]) for p, v in net.items() if v)

    (window,) = tertius.balance(path, threshold=0, draws=0, neutral="even").windows
    assert window.two.found.cost == min(cost(c) for c in itertools.product((0, 1), repeat=7))
    assert window.free.found.cost == min(cost(c) for c in itertools.product(range(4), repeat=7))
    assert window.two.found.proven
    assert window.free.found.proven
