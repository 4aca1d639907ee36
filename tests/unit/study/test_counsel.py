"""Counsel as it is asked: what is refused and how to mend it, JSON of the contract, association unless certified."""

from __future__ import annotations

import json
import warnings
from dataclasses import replace
from datetime import date
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

import tertius
from tertius.answers.consequences import Consequences
from tertius.answers.counsel import (
    LISTED,
    NONE,
    UNNAMED,
    exchange_text,
    far_alone,
    held_from,
    price_text,
    standing,
    wedge_text,
    whatif_caveats,
    whatif_text,
)
from tertius.answers.exchange import Exchanged
from tertius.answers.whatif import FAR, Difference, Direct
from tertius.cli import app
from tertius.codes import actor_name
from tertius.errors import TertiusError, TertiusWarning, UnknownActor, UsageError
from tertius.events.data import EventData
from tertius.plain import number
from tertius.report.html import render
from tertius.report.pages import document_of, rows_of
from tertius.spec import ModelSpec
from tertius.study import exchange, price, wedge, whatif

QUICK: dict[str, Any] = {
    "model": "rate", "effects": "inertia,shared_threat", "slice": "1mo", "half_life": "2y", "certificate": False,
    "cache": False,
}  # fmt: skip
SOME = "RUS,CHN,PRK,IRN"
NAMES_OF_SOME = ("Russia", "China", "North Korea", "Iran")


@pytest.fixture(scope="module")
def chronicle() -> EventData:
    return tertius.load("chronicle")


@pytest.fixture(scope="module")
def answers(chronicle: EventData) -> dict[str, Any]:
    return {
        "price": price("USA", chronicle, adversaries=SOME, **QUICK),
        "wedge": wedge("USA", chronicle, adversaries=SOME, **QUICK),
        "whatif": whatif("RUS", "CHN", chronicle, sets="USA>RUS host x0.5 from 2015-01-01", draws=0, **QUICK),
        "exchange": exchange("RUS", "CHN", chronicle, period="1y", lags=3),
    }


KEYS = {
    "price": {"actor", "unit", "per", "adversaries", "total", "certified", "caveats", "text", "command"},
    "wedge": {"actor", "options", "exact", "certified", "caveats", "text", "command"},
    "whatif": {
        "pair", "set", "direct", "simulated", "distance_sd", "certified", "path", "caveats", "text", "command",
    },
    "exchange": {"pair", "flows", "lag", "statistic", "low", "high", "p", "n", "verdict", "caveats", "text", "command"},
}  # fmt: skip


@pytest.mark.parametrize("name", KEYS)
def test_json_has_the_contracts_keys_and_the_page_its_charts(name: str, answers: dict[str, Any]) -> None:
    found = answers[name]
    document = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert set(document) >= KEYS[name]
    shown = document_of(found)
    assert "<h1" in render(shown)
    json.dumps(shown.to_dict(), allow_nan=False)
    assert all(len(line) <= 80 for line in found.summary().splitlines())
    assert len(rows_of(found).rows) >= 3
    assert repr(found).startswith("<")


def test_price_has_rows_a_matrix_a_sum_and_both_steps(answers: dict[str, Any]) -> None:
    d = answers["price"].to_dict()
    assert {a["actor"] for a in d["adversaries"]} == set(SOME.split(","))
    assert set(d["adversaries"][0]) >= {"actor", "change", "low", "high", "p_adjusted", "with"}
    for line in d["adversaries"]:
        assert line["change"] == pytest.approx(sum(w["change"] for w in line["with"]))
        assert line["low"] <= line["change"] <= line["high"]
    assert d["total"]["change"] == pytest.approx(sum(a["change"] for a in d["adversaries"]))
    assert (d["per"], d["also"]["per"]) == ("sd", "10%")
    changes = [a["change"] for a in d["adversaries"]]
    assert changes == sorted(changes, reverse=True)


def test_the_step_and_the_distance_are_named_apart(answers: dict[str, Any]) -> None:
    found = answers["price"]
    assert "one standard deviation (each flow's own, over time) more hostility" in found.text
    page = " ".join(str(block) for block in document_of(found).blocks()) + str(document_of(found).key_facts)
    assert "sd of the foe effect" in page
    assert "within-pair" not in page
    for line in found.to_dict()["adversaries"]:
        a = found.adversaries.index(line["actor"])
        assert line["distance_sd"] == pytest.approx(found.found.alone[a])


def test_a_step_that_lies_far_outside_the_data_alone_is_named(answers: dict[str, Any]) -> None:
    found = answers["price"]
    assert far_alone(found.adversaries, found.found) == ""
    far = np.where(np.arange(len(found.adversaries)) == 1, FAR + 0.5, FAR - 0.1)
    said = far_alone(found.adversaries, replace(found.found, alone=far))
    assert said.endswith(f"outside the data: {actor_name(found.adversaries[1])} ({FAR + 0.5:.1f}).")


def test_without_a_passed_certificate_every_text_and_chart_says_association(answers: dict[str, Any]) -> None:
    for name in ("price", "wedge", "whatif"):
        found = answers[name]
        assert not found.certified
        assert "association, not an effect" in found.text
        assert found.text.startswith("Under the model")
        for figure in document_of(found).figures():
            spec, _ = figure.spec()
            assert "an association" in spec["title"]["subtitle"], figure.id
        bold = replace(found, certified=True, text=standing(True, ""))
        assert all("an association" not in f.spec()[0]["title"]["subtitle"] for f in document_of(bold).figures())
    assert "consistent with" in standing(True, "")


def test_the_wedge_eases_one_more_at_a_time_within_the_budget(chronicle: EventData, answers: dict[str, Any]) -> None:
    d = answers["wedge"].to_dict()
    assert [len(o["ease"]) for o in d["options"]] == [1, 2, 3, 4]
    assert d["exact"] is True
    half = sum(o["easing"] for o in d["options"][-1:]) / 2
    cheap = wedge("USA", chronicle, adversaries=SOME, budget=half, **QUICK).to_dict()
    assert cheap["options"]
    assert all(o["easing"] <= half for o in cheap["options"])
    free = wedge("USA", chronicle, adversaries=SOME, budget=float("inf"), **QUICK).to_dict()
    assert free == d
    with pytest.raises(UsageError, match="as cheap as"):
        wedge("USA", chronicle, adversaries=SOME, budget=1e-9, **QUICK)


def test_where_nobody_has_a_price_nobody_is_called_dearest(answers: dict[str, Any]) -> None:
    p = answers["price"]
    sure = replace(p.found, total=np.array([3.0, 1.0, 5.0]))
    assert "Dearest is" in price_text("USA", p.adversaries, sure, "sd", "events", "cooperation", "", True)
    less = replace(p.found, each=-np.abs(p.found.each), total=np.array([-3.0, -5.0, -1.0]))
    said = price_text("USA", p.adversaries, less, "sd", "events", "cooperation", "", True)
    assert "Dearest" not in said
    assert "no price" in said
    unsure = replace(less, total=np.array([-3.0, -5.0, 1.0]))
    said = price_text("USA", p.adversaries, unsure, "sd", "events", "hostility", "", True)
    assert NONE in said
    assert "no price" not in said
    nothing = replace(p.found, each=0 * p.found.each, total=np.zeros(3))
    said = price_text("USA", p.adversaries, nothing, "sd", "events", "hostility", "", True)
    assert "Nothing moves: of hostility towards them, or of hostility among them" in said
    assert "that has no price" not in said
    assert UNNAMED not in p.caveats


def test_an_interval_with_zero_inside_is_said_in_the_sentence(answers: dict[str, Any]) -> None:
    p, w, f = answers["price"], answers["wedge"], answers["whatif"]
    for ends, zero in (((3.0, 1.0, 5.0), False), ((3.0, -1.0, 5.0), True), ((0.0, 0.0, 0.0), False)):
        found = replace(p.found, total=np.array(ends))
        text = price_text("USA", p.adversaries, found, "sd", "events", "cooperation", "", True)
        assert (NONE in text, "Dearest" in text) == (zero, not zero)
        option = replace(w.found.options[w.found.best], change=ends)
        ladder = replace(w.found, options=(option,), best=0)
        assert (NONE in wedge_text("USA", w.adversaries, ladder, 0.5, "events", "cooperation", "", True)) == zero
        own = replace(f.direct, found=Difference(9.0, 9.0 + ends[0], *ends))
        assert (NONE in whatif_text(f.pair, f.changes, f.outcome, f.unit, own, None, "")) == zero


@pytest.mark.parametrize(("outcome", "noun"), [("hostility", "hostility"), ("any", "interaction")])
def test_counsel_speaks_of_the_outcome_that_was_asked_for(outcome: str, noun: str, chronicle: EventData) -> None:
    for function in (price, wedge):
        found = function("USA", chronicle, adversaries=SOME, outcome=outcome, **QUICK)
        assert found.to_dict()["outcome"] == outcome
        page = str([section.blocks for section in document_of(found).sections])  # captions of the figures too
        for text in (found.text, found.summary(), page):
            assert noun in text
            assert "cooperation" not in text.replace("past cooperation", "")


def test_how_many_other_pairs_do_as_well_is_a_count() -> None:
    lags = np.arange(-1, 2)
    r = np.array([0.1, 0.5, 0.2])
    found = Exchanged(lags, r, r - 0.1, r + 0.1, 0, 0.5, 0.01, 0.75, 60, 11, 8, (30, 30))
    assert "8 of 11 other pairs" in exchange_text(("RUS", "CHN"), ("AID", "AID"), "1mo", found)


def test_a_sentence_lists_few_adversaries_and_counts_many(answers: dict[str, Any]) -> None:
    w = answers["wedge"]
    for n, listed in ((LISTED, True), (LISTED + 1, False)):
        option = replace(w.found.options[0], eased=tuple(range(n)))
        said = wedge_text(
            "USA", ["RUS"] * 9, replace(w.found, options=(option,), best=0), 0.5, "events", "cooperation", "", True
        )
        assert (said.count("Russia") == n) is listed
        assert (f"{n} of its 9 adversaries" in said) is not listed
    every = replace(w.found.options[0], eased=tuple(range(9)))
    said = wedge_text(
        "USA", ["RUS"] * 9, replace(w.found, options=(every,), best=0), 0.5, "events", "cooperation", "", True
    )
    assert "each of its 9 adversaries" in said


def test_the_sum_heads_the_table_and_one_row_is_never_left_out(
    answers: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    for shown, left_out in ((2, True), (3, False)):
        monkeypatch.setattr("tertius.report.sections.counsel.SHOWN", shown)
        text = answers["price"].summary()
        rows = [line for line in text.splitlines() if line.startswith(("sum", *(f"{n} (" for n in NAMES_OF_SOME)))]
        assert len(rows) == (shown + 1 if left_out else 5)
        assert rows[0].startswith("sum")
        assert ("2 more adversaries in --json." in text) is left_out


def test_what_is_expected_among_the_adversaries_stands_beside_the_price(answers: dict[str, Any]) -> None:
    p = answers["price"]
    expected = p.to_dict()["expected"]
    assert expected > 0
    assert f"with nothing changed: {number(expected)} events" in " ".join(p.summary().split())


def test_draws_that_do_not_hold_what_happened_are_said() -> None:
    def said(observed: float) -> bool:
        nothing = Difference(1.0, 1.0, 0.0, 0.0, 0.0)
        none = np.zeros(0)
        where = np.zeros(0, dtype=np.int64)
        one = Direct(nothing, where, none, none, none, none, 0.0, "", {"shared_threat": 0.1}, "actor jackknife", 1.0)
        two = Consequences(
            nothing, where, none, none, none, none, 0.0, ("actor jackknife",) * 2, observed, (150.0, 250.0)
        )
        return any("do not hold what happened" in c for c in whatif_caveats(one, two, True, "", False))

    assert not said(200.0)
    assert said(398.0)
    assert said(100.0)


def test_what_was_recorded_stands_beside_what_is_expected(chronicle: EventData) -> None:
    asked = {"sets": "USA>RUS host x0.5 from 2015-01-01", "draws": 0, **QUICK}
    found = whatif("RUS", "CHN", chronicle, **asked)
    rows = chronicle.between("RUS", "CHN", start=date(2015, 1, 1))
    assert found.to_dict()["direct"]["observed"] == sum(r["sign"] == 1 for r in rows)
    off = found.direct.found.baseline / found.direct.observed
    said = any("were recorded" in c for c in found.caveats)
    assert said is not (1 / 1.25 <= off <= 1.25)


def test_sums_of_weight_are_no_events_to_be_drawn() -> None:
    rng = np.random.default_rng(5)
    days = [date(2018 + m // 12, m % 12 + 1, 1) for m in range(36)]
    pairs = list(combinations(["CHN", "DEU", "FRA", "IND", "RUS", "USA"], 2))
    made = [(d, a, b, rng.normal(1, 9)) for d in days for a, b in pairs]
    table = pd.DataFrame(made, columns=["date", "a", "b", "weight"])
    asked: dict[str, Any] = {
        "certificate": False, "cache": False, "adequacy": "none", "response": "weight", "model": "rate",
        "effects": "inertia,common_foe", "slice": "1mo",
    }  # fmt: skip
    data = tertius.load(table, directed=False)
    found = whatif("RUS", "CHN", data, sets="USA-RUS host x0.5 from 2020-01-01", draws=20, **asked)
    assert found.simulated is None
    assert any("no events that could be drawn" in c for c in found.caveats)


def test_a_flow_that_the_pair_does_not_see_changes_nothing_and_that_is_said(
    chronicle: EventData, answers: dict[str, Any]
) -> None:
    def said(flow: str) -> bool:
        found = whatif("RUS", "CHN", chronicle, sets=f"{flow} from 2015-01-01", draws=0, **QUICK)
        return any("directly nothing can move" in c for c in found.caveats)

    assert said("USA>IRN host x0.5")
    assert not said("USA>IRN host x1")
    assert not said("USA>RUS host x0.5")


def test_a_flow_of_which_nothing_was_recorded_is_named_and_not_called_unseen(chronicle: EventData) -> None:
    rows = chronicle.between("USA", "RUS", start=date(2001, 1, 1), end=date(2001, 2, 28))
    assert not any(r["source"] == "USA" and r["sign"] < 0 for r in rows)
    flow = "USA>RUS host x0.5 from 2001-01-01 to 2001-02-28"
    for sets in (flow, [flow, "USA>RUS host x0.5 from 2015-01-01"]):
        said = whatif("RUS", "CHN", chronicle, sets=sets, draws=0, **QUICK).caveats
        assert f"Nothing was recorded of this flow in its days, so that there was nothing to change: {flow}." in said
        assert not any("directly nothing can move" in c for c in said)
    said = whatif("RUS", "CHN", chronicle, sets=flow.replace("x0.5", "=2"), draws=0, **QUICK).caveats
    assert not any("Nothing was recorded" in c for c in said)


def test_the_days_from_which_the_answers_hold_are_said_where_they_are_not_those_asked_for(chronicle: EventData) -> None:
    def said(first: str) -> list[str]:
        found = whatif("RUS", "CHN", chronicle, sets=f"USA>RUS host x0.5 from {first}", draws=0, **QUICK)
        return [c for c in found.caveats if "whole steps" in c]

    assert said("2015-01-01") == []
    assert said("2015-01-10")[0].endswith("From 2015-01-10 was asked; the direct answer holds from 2015-01-01 on.")
    both = held_from("2018-06-10", "2018-06-10", "2018-06-01")[0]
    assert "from 2018-06-10 on, that with consequences from 2018-06-01 on" in both


def test_with_consequences_of_a_small_world(events: EventData) -> None:
    asked: dict[str, Any] = {"certificate": False, "cache": False, "adequacy": "none"}
    day = f"{events.span()[1].year - 1}-01-01"
    sl = events.slices(ModelSpec.of(slice="1mo"))
    H = np.bincount(sl.dyad, weights=sl.host_weight, minlength=sl.n_actors**2).reshape(sl.n_actors, -1)
    H = H if events.directed else H + H.T
    k = int(H.sum(axis=1).argmax())
    one, two = (sl.actors[i] for i in np.argsort(-H[k])[:2])
    flow = f"{sl.actors[k]}{'>' if events.directed else '-'}{one}"
    same = whatif(one, two, events, sets=f"{flow} host x1 from {day}", draws=20, **asked).to_dict()
    assert same["direct"]["difference"] == 0
    assert same["simulated"] is None or same["simulated"]["difference"] == 0
    found = whatif(one, two, events, sets=f"{flow} host x0.8 from {day}", draws=20, **asked).to_dict()
    assert found["direct"]["difference"] != 0
    if found["simulated"] is None:
        assert any("no answer with consequences" in c for c in found["caveats"])
    else:
        assert found["simulated"]["difference"] != 0
    assert (found["simulated"] is None) == (same["simulated"] is None)
    if not events.directed:
        assert any("conflict between" in c for c in found["caveats"])
        with pytest.raises(UsageError, match="whose act"):
            whatif(one, two, events, sets=f"{flow.replace('-', '>')} host x0.5 from {day}", draws=0, **asked)


NONSENSE = {
    "Nth Korea>RUS host x0.5 from 2015-01-01": "Nth Korea",
    "USA>USA host x0.5 from 2015-01-01": "same actor twice",
    "RUS>USA host x0.5 from 2015-01-01": "one of the pair",
    "RUS>CHN coop x0.5 from 2015-01-01": "one of the pair",
    "USA-RUS host x0.5 from 2015-01-01": "does not say who acts",
    "USA>RUS host x-1 from 2015-01-01": "no intensity",
    "USA>RUS host xnan from 2015-01-01": "no intensity",
    "USA>RUS host xtwo from 2015-01-01": "no number",
    "USA>RUS host x0.5 from 1066-01-01": "outside the data",
    "USA>RUS host x0.5 from 2099-01-01": "outside the data",
    "USA>RUS host x0.5 from 2015-01-01 to 2099-01-01": "outside the data",
    "USA>RUS host x0.5 from 2015-06-01 to 2015-01-01": "before it begins",
    "USA>RUS host x0.5 from 2015-13-01": "not a date",
    "USA>RUS war x0.5 from 2015-01-01": "not read",
    "USA>RUS host x0.5": "not read",
    "": "not read",
}


@pytest.mark.parametrize("text", NONSENSE)
def test_nonsense_is_refused_with_the_way_out_before_anything_is_fitted(
    text: str, chronicle: EventData, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tertius.study.counsel.Study.of", None)
    with pytest.raises(TertiusError) as caught:
        whatif("RUS", "CHN", chronicle, sets=text, **QUICK)
    assert NONSENSE[text] in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (lambda d: price("Nth Korea", d, **QUICK), "Nth Korea"),
        (lambda d: price("USA", d, adversaries="USA,RUS", **QUICK), "its own adversary"),
        (lambda d: price("USA", d, adversaries="RUS", **QUICK), "no tie"),
        (lambda d: price("USA", d, adversaries="RUS,RUS", **QUICK), "twice"),
        (lambda d: price("USA", d, per="2", **QUICK), "--per"),
        (lambda d: wedge("USA", d, budget=-1.0, **QUICK), "buys nothing"),
        (lambda d: wedge("USA", d, factor=1.0, **QUICK), "eases nothing"),
        (lambda d: whatif("RUS", "RUS", d, sets="USA>CHN host x1 from 2015-01-01", **QUICK), "named twice"),
        (lambda d: whatif("RUS", "CHN", d, sets=[], **QUICK), "Nothing is changed"),
        (lambda d: whatif("RUS", "CHN", d, sets="USA>CHN host x1 from 2015-01-01", draws=-1, **QUICK), "draws"),
        (lambda d: whatif("RUS", "CHN", d, sets="USA>CHN host x1 from 2015-01-01", draws=1, **QUICK), "no 95 %"),
        (lambda d: whatif("RUS", "CHN", d, sets="USA>RUS host x1e9 from 2015-01-01", draws=0, **QUICK), "outside the"),
        (lambda d: whatif("RUS", "CHN", d, sets="USA>RUS host =1e99 from 2015-01-01", draws=0, **QUICK), "outside the"),
        (lambda d: price("USA", d, adversaries=SOME, window=("2090-01-01", "2091-01-01"), **QUICK), "outside the data"),
        (lambda d: wedge("USA", d, budget=0.0, **QUICK), "buys nothing"),
        (lambda d: wedge("USA", d, budget=float("nan"), **QUICK), "buys nothing"),
        (lambda d: wedge("USA", d, factor=float("nan"), **QUICK), "eases nothing"),
        (lambda d: exchange("RUS", "RUS", d), "named twice"),
        (lambda d: exchange("RUS", "CHN", d, lags=99), "--lags"),
        (lambda d: exchange("RUS", "CHN", d, give="NOTYPE"), "NOTYPE"),
        (lambda d: exchange("RUS", "CHN", d, period="10y"), "too few"),
    ],
)  # fmt: skip
def test_other_nonsense_is_refused_too(ask: Any, said: str, chronicle: EventData) -> None:
    with pytest.raises(TertiusError) as caught:
        ask(chronicle)
    assert said in caught.value.message
    assert caught.value.hint


def test_who_has_no_two_adversaries_is_told_whom_to_name(chronicle: EventData) -> None:
    with pytest.raises(UsageError, match="no two to be tied") as caught:
        price("South Korea", chronicle, **QUICK)
    assert "--adversaries" in caught.value.hint


def test_exchange_of_undirected_data_is_refused(events: EventData) -> None:
    if events.directed:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", TertiusWarning)
            assert exchange("A01", "A02", events, lags=2).found.n == 47
        with pytest.raises(UnknownActor):
            exchange("A01", "nobody", events)
    else:
        with pytest.raises(UsageError, match="undirected"):
            exchange("A01", "A02", events)


def test_arms_of_another_source_are_a_covariate_of_price_and_a_flow_of_exchange(tmp_path: Path) -> None:
    """As docs/counsel.md shows: a small made-up file of deliveries, by year beside the events, and as rows of them."""
    rng = np.random.default_rng(2)
    states = ["CHN", "IRN", "PRK", "RUS", "USA"]
    months = [date(2010 + m // 12, m % 12 + 1, 10) for m in range(96)]
    made = [
        (day, *rng.choice(states, 2, replace=False), int(quad), "")
        for day in months for quad in rng.choice([1, 4], 40)
    ]  # fmt: skip
    given = rng.poisson(1.5, 96)
    for k, day in enumerate(months):
        made += [(day, "PRK", "RUS", 2, "WEAPONS")] * int(given[k])
        made += [(day, "RUS", "PRK", 2, "AID")] * int(given[k - 2] + rng.poisson(0.3) if k > 1 else 0)
    events = pd.DataFrame(made, columns=["date", "source", "target", "quad", "type"])
    events["type"] = events["type"].replace("", None)
    found = exchange("PRK", "RUS", events, give="WEAPONS", get="AID")
    assert (found.verdict, found.found.lag) == ("supported", 2)

    arms = tmp_path / "arms.csv"
    lines = [
        f"{a},{b},{year},{rng.gamma(1, 20):.1f}" for a in states for b in states if a != b for year in range(2010, 2018)
    ]
    arms.write_text("a,b,year,arms\n" + "\n".join(lines) + "\n")
    plain = price("USA", events, adversaries="RUS,CHN,IRN", **QUICK)
    with_arms = price(
        "USA", events, adversaries="RUS,CHN,IRN", covariates=str(arms),
        **QUICK | {"effects": "inertia,shared_threat,arms"},
    )  # fmt: skip
    assert f"--covariates {arms}" in with_arms.command
    assert with_arms.to_dict()["total"]["change"] != plain.to_dict()["total"]["change"]
    flow = "USA>RUS host x0.5 from 2016-01-01"
    asked = {"covariates": str(arms), **QUICK, "effects": "inertia,shared_threat,arms"}
    assert whatif("RUS", "CHN", events, sets=flow, draws=0, **asked).direct.found.difference != 0
    with pytest.raises(UsageError, match="no future"):
        whatif("RUS", "CHN", events, sets=flow, draws=20, **asked)


def test_the_command_repeats_the_answer(answers: dict[str, Any]) -> None:
    import shlex

    for name in ("price", "whatif", "exchange"):
        words = shlex.split(answers[name].command)
        assert words[:2] == ["tertius", name]
        more = [] if name == "exchange" else ["--no-cache"]
        ran = CliRunner().invoke(app, [*words[1:], "--json", "-q", *more])
        assert ran.exit_code == 0, ran.output
        again = json.loads(ran.stdout)
        first = json.loads(json.dumps(answers[name].to_dict()))
        assert {k: v for k, v in again.items() if k != "command"} == {k: v for k, v in first.items() if k != "command"}
        assert again["command"] == first["command"]


def test_channels_count_some_types_and_hold_some_threats(chronicle: EventData) -> None:
    spec = ModelSpec.of(slice="1y")
    whole = chronicle.slices(spec)
    some = chronicle.through(["CONSULT"], ["SANCTION"]).slices(spec)
    consult = chronicle.of_types(["CONSULT"]).slices(replace(spec, actors=whole.actors))
    sanction = chronicle.of_types(["SANCTION"]).slices(replace(spec, actors=whole.actors), fewest=1)
    assert some.coop_count.sum() == consult.coop_count.sum() < whole.coop_count.sum()
    assert some.host_weight.sum() == sanction.host_weight.sum() < whole.host_weight.sum()
    assert (some.coop_weight == whole.coop_weight).all()  # the history of cooperation is whole
    assert (some.host_count == whole.host_count).all()
    for s in range(whole.n_slices):
        at = whole.entries(s)
        alone = dict(zip(consult.dyad[consult.entries(s)], consult.coop_count[consult.entries(s)], strict=True))
        found = zip(whole.dyad[at], some.coop_count[at], strict=True)
        assert {d: c for d, c in found if c} == {d: c for d, c in alone.items() if c}
    assert chronicle.through([], []) is chronicle
    assert chronicle.through(["CONSULT"], []).hash not in (chronicle.hash, chronicle.through(["AID"], []).hash)


def test_a_price_in_one_channel_is_another_price_and_its_command_says_so(
    chronicle: EventData, answers: dict[str, Any]
) -> None:
    found = price("USA", chronicle, adversaries=SOME, outcome_types="CONSULT", threat_types="SANCTION", **QUICK)
    assert "--outcome-types CONSULT --threat-types SANCTION" in found.command
    assert found.to_dict()["total"]["change"] != answers["price"].to_dict()["total"]["change"]
    flow = "USA>RUS host x0.5 from 2015-01-01"
    with pytest.raises(UsageError, match="drawn forward"):
        whatif("RUS", "CHN", chronicle, sets=flow, outcome_types="CONSULT", **QUICK)
    with pytest.raises(UsageError, match="No row"):
        price("USA", chronicle, adversaries=SOME, outcome_types="WEAPONS", **QUICK)
    with pytest.raises(UsageError, match="--response count"):
        price("USA", chronicle, adversaries=SOME, outcome_types="CONSULT", response="weight", **QUICK)
    assert "Counted as cooperation are events of these types alone: CONSULT." in found.caveats
    assert "Hostility in the history is of these types alone: SANCTION." in found.caveats
    own = whatif("RUS", "CHN", chronicle, sets=flow, draws=0, threat_types="SANCTION", **QUICK)
    assert "Hostility in the history is of these types alone: SANCTION." in own.caveats
    assert not any("these types alone" in c for c in answers["price"].caveats)


@pytest.mark.parametrize(
    ("asked", "said", "way"),
    [
        ({"outcome_types": "SANCTION"}, "No cooperation in chronicle is of type SANCTION", "--outcome hostility"),
        ({"outcome_types": "CONSULT", "outcome": "hostility"}, "No hostility in .* CONSULT", "--outcome cooperation"),
        ({"outcome_types": "CONSULT", "outcome": "any"}, "No hostility in .* CONSULT", "--outcome cooperation"),
        ({"threat_types": "CONSULT"}, "No hostility in chronicle is of type CONSULT", "--threat-types"),
    ],
)
def test_types_of_the_other_sign_are_refused_and_not_passed_over(
    asked: dict[str, str], said: str, way: str, chronicle: EventData
) -> None:
    with pytest.raises(UsageError, match=said) as error:
        price("USA", chronicle, adversaries=SOME, **asked, **QUICK)
    assert way in error.value.hint


def test_undirected_data_read_conflict_between(events: EventData) -> None:
    if not events.directed:
        asked: dict[str, Any] = {"certificate": False, "cache": False, "adequacy": "none", "adversaries": "A01,A02,A03"}
        for found in (price("A00", events, **asked), wedge("A00", events, **asked)):
            assert "conflict between A00 and" in found.text or "of A00's conflicts" in found.text
            assert "hostility of A00" not in found.summary()
            assert any("whose hostility it was" in c for c in found.caveats)
