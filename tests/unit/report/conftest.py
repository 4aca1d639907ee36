"""One small answer on a simulated history, and the same figures as an undirected store would give them."""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import Any

import pytest

import tertius
from tertius.answers.explanation import Explanation
from tertius.errors import TertiusWarning
from tertius.study import Drives

OPTIONS: dict[str, Any] = {"slice": "1d", "effects": "inertia.coop,shared_threat"}


@pytest.fixture(scope="session")
def frame() -> object:
    return tertius.simulate(12, 60, seed=2).to_frame("pyarrow")


@pytest.fixture(scope="session")
def explanation(frame: object) -> Explanation:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", TertiusWarning)
        answer = tertius.explain("A00", "A01", frame, **OPTIONS)
    assert isinstance(answer, Explanation)
    return answer


@pytest.fixture(scope="session")
def drives(frame: object) -> Drives:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", TertiusWarning)
        answer = tertius.explain(None, None, frame, by="A02", **OPTIONS)
    assert isinstance(answer, Drives)
    return answer


@pytest.fixture(scope="session")
def undirected(explanation: Explanation) -> Explanation:
    attribution = replace(explanation.attribution, shared_target=())
    return replace(explanation, fit=replace(explanation.fit, directed=False), attribution=attribution)


@pytest.fixture
def no_bundle(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page without the 900 kB of the real script."""
    monkeypatch.setattr("tertius.report.page.vega_bundle", lambda: "window.vegaEmbed = () => Promise.resolve();")
