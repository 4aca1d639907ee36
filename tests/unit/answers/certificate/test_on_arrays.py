"""The certificate of arrays: the same as of slices, and errors that say what to type."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest

import tertius
from tertius.answers.certificate import certify as certify_slices
from tertius.answers.certificate.on_arrays import _edges, certify
from tertius.errors import BadDuration, BadValue, NotEnoughData, TertiusError, UsageError
from tertius.events.slices import Floats
from tertius.spec import Duration
from tertius.worlds import world

W = world("planted", n_actors=20, n_periods=40, seed=5)


def changed(array: Floats, at: tuple[int, int, int], value: float) -> Floats:
    copy = array.copy()
    copy[at] = value
    return copy


def test_arrays_and_slices_are_one_path() -> None:
    assert tertius.certify is certify
    assert certify(W.C, W.H).to_dict() == certify_slices(W.slices()).to_dict()
    both_ways = W.H + W.H.transpose(0, 2, 1)
    undirected = certify(W.C, both_ways, directed=False)
    assert undirected.to_dict() == certify_slices(W.slices(directed=False), response="count").to_dict()
    assert undirected.rule == "joint memory, strict"


def test_numbers_of_any_kind_and_any_unit() -> None:
    whole = certify(W.C, W.H)
    integers = certify(W.C.astype(int).tolist(), W.H.astype(np.int32))
    assert integers.to_dict() == whole.to_dict()
    scaled = certify(1e4 * W.C, 1e4 * W.H)
    assert scaled.lag.statistic == pytest.approx(whole.lag.statistic, rel=1e-6)
    assert scaled.bound == pytest.approx(whole.bound, rel=1e-6)
    assert scaled.passed == whole.passed


def test_what_was_not_observed_is_not_read() -> None:
    seen = np.arange(40) != 20
    empty = certify(changed(W.C, (20, 1, 2), np.nan), changed(W.H, (20, 1, 1), -5.0), observed=seen)
    assert empty.to_dict() == certify(W.C, W.H, observed=seen.astype(int)).to_dict()
    assert empty.n_periods == 27
    assert any("less than half of the days" in n for n in empty.notes)


def test_cooperation_apart_from_stories_is_asked_too() -> None:
    whole, apart = certify(W.C, W.H), certify(W.C, W.H, C_apart=W.C)
    assert "apart_lag" not in whole.statistics
    for own, other in (("lag", "apart_lag"), ("lag_minus_lead", "apart_order")):
        assert apart.statistics[other].statistic == pytest.approx(whole.statistics[own].statistic, rel=1e-6)
    without = certify(W.C, W.H, C_apart=np.where(np.arange(40)[:, None, None] % 2, W.C, 0.0))
    assert without.statistics["apart_lag"].statistic != pytest.approx(whole.lag.statistic, rel=0.05)
    assert without.lag == whole.lag


@pytest.mark.parametrize(
    ("C", "H", "options", "error", "said"),
    [
        (W.C[0], W.H, {}, UsageError, r"C has the shape \(20, 20\).*\(T, N, N\)"),
        (W.C[:, :5], W.H, {}, UsageError, r"C has the shape \(40, 5, 20\)"),
        (W.C, W.H[:39], {}, UsageError, r"H has the shape \(39, 20, 20\).*Give H the shape \(40, 20, 20\)"),
        (W.C[:, :2, :2], W.H[:, :2, :2], {}, UsageError, "2 actors"),
        ("two", W.H, {}, UsageError, "C is not an array of numbers"),
        (W.C, changed(W.H, (3, 1, 2), np.nan), {}, BadValue, r"H\[3, 1, 2\] = nan is not a number.*observed\[t\]"),
        (changed(W.C, (3, 1, 2), -1), W.H, {}, BadValue, r"C\[3, 1, 2\] = -1 is negative"),
        (changed(W.C, (3, 2, 2), 4), W.H, {}, BadValue, r"C\[3, 2, 2\] = 4 stands on the diagonal.*range\(20\)\] = 0"),
        (W.C, W.H, {"directed": False}, BadValue, r"directed=False, but H\[.*H \+ H.transpose\(0, 2, 1\)"),
        (W.C, W.H, {"observed": [True] * 39}, UsageError, r"observed has the shape \(39,\).*\(40,\)"),
        (W.C, W.H, {"observed": np.arange(40)}, UsageError, "observed=days > 0"),
        (W.C, W.H, {"period": "monthly"}, BadDuration, "'monthly' is not a duration"),
        (W.C, W.H, {"start": "spring"}, UsageError, r'start="2018-01-01"'),
        (W.C, W.H, {"start": "2018-01-15"}, UsageError, "Write 2018-01-01"),
        (W.C, W.H, {"C_apart": W.C[1:]}, UsageError, "Give C_apart the shape"),
        (W.C[:23], W.H[:23], {}, NotEnoughData, "24 in all"),
    ],
)
def test_errors_say_what_to_type(C: Any, H: Any, options: dict[str, Any], error: type[TertiusError], said: str) -> None:
    with pytest.raises(error, match=said):
        certify(C, H, **options)


def days(text: str, start: str | date | None, T: int) -> list[str]:
    return [str(d) for d in _edges(Duration.parse(text), start, T).astype("datetime64[D]")]


def test_periods_begin_where_they_are_said_to() -> None:
    assert days("1mo", "2019-12-01", 3) == ["2019-12-01", "2020-01-01", "2020-02-01", "2020-03-01"]
    assert days("3mo", date(2020, 2, 1), 2) == ["2020-02-01", "2020-05-01", "2020-08-01"]
    assert days("1y", None, 2) == ["2000-01-01", "2001-01-01", "2002-01-01"]
    assert days("1w", None, 2) == ["2000-01-03", "2000-01-10", "2000-01-17"]
    assert days("1w", "2020-01-01", 1) == ["2020-01-01", "2020-01-08"]
    assert days("10d", "2020-02-25", 1) == ["2020-02-25", "2020-03-06"]
