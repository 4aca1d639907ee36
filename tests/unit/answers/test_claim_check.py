"""The rule of every kind of claim, case by case."""

from __future__ import annotations

from math import exp, log
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from tertius.answers.claim_check import (
    OF_ALL_PAIRS,
    Fact,
    Judged,
    Ratio,
    denied,
    judge_cause,
    judge_change,
    judge_event,
    judge_extreme,
    judge_forecast,
    judge_isolation,
    judge_many,
    judge_price,
    not_covered,
    untested,
)
from tertius.answers.foresight import Line
from tertius.answers.movement import standing
from tertius.spec import WORTH_SEEING


def ratio(value: float, error: float) -> Ratio:
    return Ratio(value, exp(log(value) - 1.96 * error), exp(log(value) + 1.96 * error), error, 60)


@pytest.mark.parametrize(
    ("adjusted", "recorded", "verdict", "turned"),
    [
        (ratio(2.0, 0.1), ratio(2.0, 0.1), "supported", "contradicted"),
        (ratio(0.5, 0.1), ratio(0.5, 0.1), "contradicted", "supported"),
        (ratio(2.0, 0.1), ratio(0.5, 0.1), "mixed", "mixed"),  # coverage halved, the pair less than all others
        (ratio(1.3, 0.3), ratio(2.0, 0.1), "data too thin", "data too thin"),
        (ratio(1.05, 0.1), ratio(2.0, 0.1), "no effect above", "no effect above"),  # all of it coverage
        (Ratio(float("nan"), float("nan"), float("nan"), float("nan"), 3), ratio(1.0, 0.1), "data too thin", None),
    ],
)
def test_a_change_and_the_claim_turned_round(
    adjusted: Ratio, recorded: Ratio, verdict: str, turned: str | None
) -> None:
    assert judge_change(adjusted, recorded, True, "trade").verdict == verdict
    assert judge_change(adjusted, recorded, False, "trade").verdict == (turned or verdict)


def test_what_may_be_chance_is_not_called_no_change() -> None:
    thin = judge_change(ratio(6.0, 1.0), ratio(6.0, 1.0), True, "trade")
    assert thin.explanation == (
        "Trade: times 6.00 (0.845 to 42.6), which may be chance: only a change of times 16.4 or more would show."
    )
    none = judge_change(Ratio(float("nan"), *[float("nan")] * 3, 3), ratio(1.0, 0.1), True, "trade")
    assert none.explanation == "Too little is recorded of trade to compare."


def test_data_are_too_thin_exactly_where_a_change_by_half_would_be_missed() -> None:
    edge = log(WORTH_SEEING) / 2.8
    one = ratio(1.0, 1.0)
    assert judge_change(ratio(1.0, edge * 1.001), one, True, "trade").verdict == "data too thin"
    found = judge_change(ratio(1.0, edge * 0.999), one, True, "trade")
    assert found.verdict == "no effect above"
    assert found.bound == pytest.approx(exp(1.96 * edge * 0.999))


def test_the_worst_the_nearly_worst_and_the_middling() -> None:
    months = tuple(map(str, range(21)))
    values = np.arange(21.0)
    worst = standing(values[::-1], months, 20)
    assert judge_extreme(worst, True).verdict == "supported"
    assert judge_extreme(worst, False).verdict == "contradicted"
    nearly = standing(np.append(values[:20], 0.5), months, 20)
    assert judge_extreme(nearly, True).verdict == "mixed"
    assert judge_extreme(standing(values[:6], months[:6], 5), True).verdict == "data too thin"


def test_silence_speaks_against_an_event_only_where_rows_are_usual() -> None:
    assert judge_event(2, 0.1, "aid").verdict == "supported"
    assert judge_event(0, 3.1, "aid").verdict == "contradicted"
    assert judge_event(0, 2.9, "aid").verdict == "data too thin"


@pytest.mark.parametrize(
    ("verdict", "kind", "expected"),
    [
        ("supported", "trend", "contradicted"),
        ("contradicted", "trend", "supported"),
        ("consistent with", "cause", "contradicted"),
        ("no effect above", "cause", "supported"),
        ("contradicted", "cause", "mixed"),  # a certificate that failed proves no absence
        ("mixed", "cause", "mixed"),
        ("data too thin", "trend", "data too thin"),
    ],
)
def test_what_a_denial_makes_of_a_verdict(verdict: str, kind: str, expected: str) -> None:
    found = denied(Judged(verdict, "So."), kind)
    assert found.verdict == expected
    assert found.explanation.startswith("So.")
    assert ("turned round" in found.explanation) == (verdict != expected)


def test_what_is_not_covered_is_too_thin_and_says_so() -> None:
    found = not_covered("The data begin in 2018.", "Within them nothing changed.")
    assert found.verdict == "data too thin"
    assert found.limits == ("not covered: The data begin in 2018.",)
    assert "Within them" in found.explanation


@pytest.mark.parametrize("kind", ["motive", "value", "policy", "capability", "prediction"])
def test_what_cannot_be_tested_has_its_reason(kind: str) -> None:
    found = untested(kind)
    assert found.verdict == "not testable"
    assert found.value is None
    assert len(found.explanation) > 20


@pytest.mark.parametrize(
    ("partners", "volume", "verdict"),
    [
        ("supported", ratio(1.5, 0.1), "mixed"),  # fewer partners, and more with them
        ("supported", ratio(0.5, 0.1), "supported"),
        ("supported", ratio(1.0, 0.1), "mixed"),  # fewer partners, and as much with them: concentrated
        ("contradicted", ratio(0.5, 0.1), "mixed"),
        ("contradicted", ratio(1.0, 0.1), "mixed"),
        ("contradicted", ratio(1.5, 0.1), "contradicted"),
        ("data too thin", ratio(1.5, 0.1), "data too thin"),
    ],
)
def test_an_isolation_is_of_partners_and_of_volume(partners: str, volume: Ratio, verdict: str) -> None:
    assert judge_isolation(Judged(partners, "so"), volume, "Russia").verdict == verdict


def test_many_pairs_are_judged_against_tossing_coins() -> None:
    assert judge_many(16, 4, 100, True, "x").verdict == "supported"
    assert judge_many(4, 16, 100, True, "x").verdict == "contradicted"
    assert judge_many(13, 7, 100, True, "x").verdict == "mixed"
    assert judge_many(2, 1, 100, True, "x").verdict == "data too thin"


@pytest.mark.parametrize(
    ("quantiles", "up", "verdict"),
    [
        ((10.0, 20.0, 40.0, 60.0, 80.0), True, "leaning"),
        ((10.0, 20.0, 40.0, 60.0, 80.0), False, "mixed"),
        ((1.0, 2.0, 4.0, 6.0, 80.0), False, "leaning"),
        ((1.0, 2.0, 40.0, 60.0, 80.0), True, "mixed"),
    ],
)
def test_a_forecast_leans_at_best(quantiles: tuple[float, ...], up: bool, verdict: str) -> None:
    line = Line(
        ("RUS", "PRK"), "cooperation", 6, "2024-01-01", "2024-01-31", 40.0, quantiles, 0.1, 90.0, 1.0, False,
        (1.0, 40.0, 2.0),
    )  # fmt: skip
    found = judge_forecast(line, 15.0, up, "events", "2023-06-30")
    assert found.verdict == verdict
    assert found.value == quantiles[2]
    assert "15.0 a month were usual" in found.explanation


def _certificate(passed: bool, lag: float) -> Any:
    def statistic(value: float, holds: bool) -> SimpleNamespace:
        return SimpleNamespace(statistic=value, passed=holds, threshold=1.96)

    return SimpleNamespace(
        passed=passed, caveats=(), lag=statistic(lag, lag > 1.96), lag_minus_lead=statistic(0.5, False), beside=None,
        reverse=statistic(0.0, True), now=statistic(0.0, True), bound=0.5, thin=False,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("certificate", "low", "verdict"),
    [
        (_certificate(True, 3.0), 1.0, "consistent with"),
        (_certificate(True, 3.0), -1.0, "mixed"),
        (_certificate(False, 3.0), 1.0, "mixed"),
        (_certificate(False, -3.0), 1.0, "contradicted"),
        (None, 1.0, "not certified"),
    ],
)
def test_a_price_has_the_certificates_verdict(certificate: Any, low: float, verdict: str) -> None:
    total = np.array([2.0, low, 3.0])
    price: Any = SimpleNamespace(found=SimpleNamespace(total=total), adversaries=("RUS", "CHN"), unit="weight")
    found = judge_price(price, certificate)
    assert found.verdict == verdict
    assert found.interval == (low, 3.0)
    norm = Fact("More conflict comes first", found).under("policy")
    assert norm.verdict == "not testable"
    assert norm.value is None
    assert verdict in norm.explanation


@pytest.mark.parametrize(
    ("general", "pair", "low", "said"),
    [
        (True, False, 1.0, "does not hold of this one. K's hostility had not risen before."),
        (False, False, 1.0, "What was found."),
        (True, True, -1.0, "not clear of zero"),
    ],
)
def test_a_cause_says_what_is_missing(general: bool, pair: bool, low: float, said: str) -> None:
    part = SimpleNamespace(actor="USA", events=2.0, events_low=low, events_high=3.0)
    asked = SimpleNamespace(passed=pair, text="K's hostility had not risen before.")
    answer: Any = SimpleNamespace(
        attribution=SimpleNamespace(together=lambda _: part, third_parties=(part,), expected=40.0),
        certificate=SimpleNamespace(general=(SimpleNamespace(passed=general),), pair=asked),
        verdict="consistent with" if general and pair else "mixed",
        judgement=SimpleNamespace(text="What was found."),
        unit="weight",
        outcome="cooperation",
        fit=SimpleNamespace(n_periods=60),
    )
    found = judge_cause(answer, ("USA",))
    assert found.verdict == "mixed"
    assert said in found.explanation
    assert "What the model ascribes to United States: 2.00 of 40.0 units of weight expected" in found.explanation


def test_a_bound_of_all_pairs_does_not_rule_out_that_this_one_is_an_exception() -> None:
    part = SimpleNamespace(actor="USA", events=2.0, events_low=-1.0, events_high=3.0)
    certificate = SimpleNamespace(general=(), pair=None, bound=0.017, bound_of_pair=0.06, pair_times=3.5)
    answer: Any = SimpleNamespace(
        attribution=SimpleNamespace(together=lambda _: part, third_parties=(part,), expected=40.0),
        certificate=certificate,
        verdict="no effect above",
        judgement=SimpleNamespace(text="What was found."),
        unit="weight",
        outcome="cooperation",
        fit=SimpleNamespace(n_periods=60),
    )
    found = judge_cause(answer, ("USA",))
    assert found.bound == 0.017
    assert [x for x in found.limits if "does not rule out that this pair is an exception" in x] == [OF_ALL_PAIRS]
    assert any("3.5 times that of the bound, which for it is 6.0 %" in x for x in found.limits)
    answer.verdict = "mixed"
    assert judge_cause(answer, ("USA",)).limits == ()


def test_a_worst_month_lately_is_not_far_from_the_worst_now() -> None:
    months = tuple(map(str, range(21)))
    values = np.concatenate([np.arange(18.0)[::-1], [-9.0, -3.0, 9.0]])
    now = standing(values, months, 20)
    assert judge_extreme(now, True).verdict == "contradicted"
    lately = judge_extreme(now, True, lately="18")
    assert lately.verdict == "mixed"
    assert "in 18, it was lower" in lately.explanation


def test_where_a_row_is_a_sum_periods_are_counted() -> None:
    found = judge_event(3, 0.0, "aid", periods=True)
    assert found.explanation == "3 periods with aid in that time."
    assert found.unit == "periods"


def test_a_rise_that_is_not_clear_as_recorded_says_so() -> None:
    rose, unclear = Ratio(1.97, 1.04, 3.74, 0.33, 60), Ratio(1.7, 0.83, 3.08, 0.33, 60)
    (limit,) = judge_change(rose, unclear, True, "hostility").limits
    assert "times 1.70 (0.830 to 3.08)" in limit
    assert not judge_change(rose, rose, True, "hostility").limits
