"""From a question to a result: the registry of models, and the sentences that go with a result."""

from __future__ import annotations

from dataclasses import replace

import pytest

import tertius
from tertius.errors import UsageError
from tertius.model import estimate
from tertius.model.estimate import ESTIMATORS
from tertius.spec import MODELS

QUICK = {"effects": "inertia.coop,shared_threat", "slice": "1mo", "half_life": "2y", "adequacy": "none"}


def test_every_model_that_can_be_asked_for_is_in_the_registry() -> None:
    assert set(ESTIMATORS) == set(MODELS)


def test_a_result_is_what_its_models_entry_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another estimator under the name is the one that is asked, and all of its parts reach the result."""
    genuine = ESTIMATORS["rate"]

    def other(*asked: object) -> estimate.Estimated:
        made = genuine(*asked)  # type: ignore[arg-type]
        return replace(made, absorbed={"x": "is another"}, n_events=7.0, iterations=99, notes=("Said.",), n_periods=3)

    monkeypatch.setattr(estimate, "ESTIMATORS", {**ESTIMATORS, "rate": other})
    found = tertius.fit("chronicle", model="rate", **QUICK)  # type: ignore[arg-type]
    assert found.absorbed == ({"term": "x", "reason": "is another"},)
    assert (found.n_events, found.iterations, found.n_periods, found.warnings) == (7.0, 99, 3, ("Said.",))


@pytest.mark.parametrize(("controls", "few"), [(2, True), (30, False)])
def test_a_sampled_result_says_that_its_errors_include_the_sampling(controls: int, few: bool) -> None:
    found = tertius.fit("chronicle", model="rate", sample=controls, **QUICK)  # type: ignore[arg-type]
    (note,) = [text for text in found.warnings if "sampled" in text]
    assert f"{controls} controls" in note
    assert "Standard errors include sampling noise" in note
    assert ("underestimated with few controls" in note) == few


def test_the_sign_model_refuses_wrong_codings_of_what_it_explains() -> None:
    with pytest.raises(UsageError, match="--miscoding turns signs"):
        tertius.fit("chronicle", model="sign", miscoding="shared_threat", **QUICK)  # type: ignore[arg-type]
