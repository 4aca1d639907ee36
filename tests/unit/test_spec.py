"""The question: durations, half-lives, defaults, and options that do not exist."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tertius.errors import BadDuration, UsageError
from tertius.spec import DAYS_PER_UNIT, Duration, HalfLife, ModelSpec, read_date


@pytest.mark.parametrize(
    ("text", "days"),
    [("15min", 15 / 1440), ("12h", 0.5), ("30d", 30), ("8w", 56), ("6mo", 182.625), ("2y", 730.5), (" 1 d ", 1)],
)
def test_a_duration_in_days(text: str, days: float) -> None:
    assert Duration.parse(text).days == pytest.approx(days, rel=1e-15)


@given(st.integers(1, 10_000), st.sampled_from(sorted(DAYS_PER_UNIT)))
def test_a_duration_is_written_as_it_is_read(n: int, unit: str) -> None:
    assert str(Duration.parse(f"{n}{unit}")) == f"{n}{unit}"


@pytest.mark.parametrize("text", ["12 parsecs", "", "d", "0d", "-3d", "1.5d", "1m", "1D", "1d2h", "90", "none"])
def test_what_is_no_duration_says_how_to_write_one(text: str) -> None:
    with pytest.raises(BadDuration, match=f"'{text}' is not a duration") as caught:
        Duration.parse(text)
    assert "15min 12h 30d 8w 6mo 2y" in caught.value.hint


@pytest.mark.parametrize(
    ("text", "coop", "host"),
    [
        ("90d", 90.0, 90.0),
        ("1y", 365.25, 365.25),
        ("none", None, None),
        ("coop=30d,host=90d", 30.0, 90.0),
        ("host=1w, coop=none", None, 7.0),
    ],
)
def test_a_half_life_of_both_signs_or_of_each(text: str, coop: float | None, host: float | None) -> None:
    found = HalfLife.parse(text)
    assert (found.days("coop"), found.days("host"), str(found)) == (coop, host, text)


@pytest.mark.parametrize("text", ["", "soon", "coop=30d", "coop=30d,host=soon", "coop=30d,love=9d", "0d"])
def test_what_is_no_half_life_is_refused(text: str) -> None:
    with pytest.raises(BadDuration) as caught:
        HalfLife.parse(text)
    assert caught.value.hint


def test_equal_half_lives_are_equal_however_written() -> None:
    assert HalfLife.parse("7d") == HalfLife.parse("1w") == HalfLife.parse("coop=1w,host=7d")


def test_plain_values_become_a_spec_and_come_back() -> None:
    given_ = {
        "model": "rate",
        "outcome": "hostility",
        "response": "weight",
        "effects": ["inertia", "shared_threat"],
        "half_life": "coop=30d,host=90d",
        "slice": "1w",
        "period": "2mo",
        "transform": "raw",
        "legs": "min",
        "decay_to": "previous",
        "start": "2018-01-01",
        "end": "2018-02-01",
        "actors": ["RUS", "PRK"],
        "scales": {"inertia.coop": 2.0},
        "seed": 7,
    }
    spec = ModelSpec.of(**given_)
    assert spec.start == dt.date(2018, 1, 1)
    assert {k: v for k, v in spec.to_dict().items() if k in given_} == given_
    assert ModelSpec.of(**spec.to_dict()) == spec


def test_names_may_be_text_or_a_list() -> None:
    assert ModelSpec.of(actors=" RUS, PRK ,").actors == ModelSpec.of(actors=["RUS", "PRK"]).actors == ("RUS", "PRK")


def test_nothing_given_is_the_default() -> None:
    assert ModelSpec.of(outcome=None, slice=None) == ModelSpec()


@pytest.mark.parametrize(("directed", "slice_", "response"), [(True, "1d", "count"), (False, "1w", "weight")])
def test_defaults_follow_the_kind_of_store(directed: bool, slice_: str, response: str) -> None:
    spec = ModelSpec().resolve(directed=directed)
    assert (str(spec.slice), spec.response, spec.outcome, str(spec.half_life)) == (
        slice_,
        response,
        "cooperation",
        "90d",
    )
    kept = ModelSpec.of(slice="1mo", response="count").resolve(directed=directed)
    assert (str(kept.slice), kept.response) == ("1mo", "count")


@pytest.mark.parametrize(("model", "legs"), [("rate", "sqrt"), ("within", "min"), ("sign", "sqrt")])
def test_legs_follow_the_model(model: str, legs: str) -> None:
    assert ModelSpec.of(model=model).resolve(directed=True).legs == legs
    assert ModelSpec.of(model=model, legs="binary").resolve(directed=True).legs == "binary"


@pytest.mark.parametrize(
    "options",
    [
        {"model": "ols"},
        {"outcome": "love"},
        {"response": "money"},
        {"transform": "log"},
        {"legs": "max"},
        {"decay_to": "tomorrow"},
        {"slice": "14min"},
        {"slice": "often"},
        {"half_life": "long"},
        {"start": "2018-02-30"},
        {"end": "yesterday"},
        {"start": "2018-02-01", "end": "2018-01-01"},
        {"colour": "red"},
    ],
    ids=lambda o: ",".join(o),
)
def test_what_cannot_be_meant_is_a_usage_error_with_the_way_out(options: dict[str, Any]) -> None:
    with pytest.raises(UsageError) as caught:
        ModelSpec.of(**options)
    assert caught.value.hint


def test_the_choices_are_named() -> None:
    with pytest.raises(UsageError, match="--legs 'max' does not exist") as caught:
        ModelSpec.of(legs="max")
    assert all(choice in caught.value.hint for choice in ("sqrt", "min", "product", "binary"))


def test_dates_are_iso() -> None:
    assert read_date("2022-02-24") == read_date(dt.date(2022, 2, 24)) == dt.date(2022, 2, 24)
    with pytest.raises(UsageError, match=r"'24\.2\.2022' is not a date"):
        read_date("24.2.2022")


@pytest.mark.parametrize("given", ["5", " 5 ", 5, np.int64(5)])
def test_a_sample_is_a_whole_number_also_as_text(given: Any) -> None:
    sample = ModelSpec.of(sample=given).sample
    assert (sample, type(sample)) == (5, int)


@pytest.mark.parametrize("given", [2.5, "2.5", "five", True, "True", 0, "-1", [5]])
def test_another_sample_is_refused(given: Any) -> None:
    with pytest.raises(UsageError) as error:
        ModelSpec.of(sample=given)
    assert f"--sample {given!r}".replace("'-1'", "-1") in error.value.message
    assert "--sample 20" in error.value.hint


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"model": "within"}, "the model here is within."),
        ({"model": "sign"}, "the model here is sign."),
        ({}, "the model here is within, the default."),
    ],
)
def test_a_sample_belongs_to_the_rate_model(options: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError) as error:
        ModelSpec.of(sample=5, **options).resolve(directed=True, n_periods=40)
    assert message in error.value.message
    assert "miscoding" not in error.value.message + error.value.hint
    assert "--model rate" in error.value.hint
    with pytest.raises(UsageError, match="--miscoding needs"):
        ModelSpec.of(sample=5, model="rate", miscoding="foe").resolve(directed=True)
