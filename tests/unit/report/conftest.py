"""One small answer on a simulated history, and the same figures as an undirected store would give them."""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import tertius
from tertius.answers.certificate import SLOW, PairQuestion, certify
from tertius.answers.explanation import Drives, Explanation, judge
from tertius.errors import TertiusWarning
from tertius.model.checks.ladder import NAMES, Rung
from tertius.model.coefficients import Coefficient
from tertius.worlds import world

OPTIONS: dict[str, Any] = {"slice": "1d", "effects": "inertia.coop,shared_threat", "certificate": False}


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


@pytest.fixture(scope="session")
def certified(explanation: Explanation) -> Explanation:
    """The same answer with a certificate that does not pass, and its pictures."""
    periods = np.arange(40)
    pair = PairQuestion(0, 1, periods >= 27, (periods >= 14) & (periods < 27))
    found = certify(world("nothing", n_actors=20, n_periods=40, seed=2).slices(), pair=pair, permutations=5)
    return replace(explanation, judgement=judge(found, explanation.fit, explanation.attribution))


@pytest.fixture(scope="session")
def passed(certified: Explanation) -> Explanation:
    """A certificate all of whose conditions hold, and a rise."""
    c = certified.certificate
    assert c is not None
    assert c.pair is not None
    held = {
        s.name: replace(s, passed=True, statistic=2.5 if s.name[:3] in ("lag", "pai") else 0.3) for s in c.conditions
    }
    risen = replace(certified.attribution, rise=replace(certified.attribution.rise, ratio=2.0, low=1.5, high=2.5))
    holds = replace(c, **held, passed=True, reasons=(SLOW,))
    return replace(certified, attribution=risen, judgement=judge(holds, certified.fit, risen))


@pytest.fixture(scope="session")
def ladder() -> tuple[dict[str, Any], ...]:
    """shared_threat below zero on rung 1, nowhere on 2, without an interval on 3, on both sides of zero on 4."""
    nan = float("nan")
    estimated = [
        Rung(n, NAMES[n], "estimated", (_line(b, low, high),), None, None, total, (), f"shared_threat {b}.")
        for n, b, low, high, total in (
            (1, -0.4, -0.6, -0.2, 900.0),
            (3, 0.1, nan, nan, 800.0),
            (4, 0.2, -0.1, 0.5, 800),
        )
    ]
    none = Rung(2, NAMES[2], "not available", None, None, None, None, (), "No covariates were given (--covariates).")
    event = replace(none, rung=5, name=NAMES[5], text="The event study comes with the certificate.")
    points = tuple(
        {"half_life": half_life, "legs": legs, "period": "1mo", "kind": "all", "inertia": inertia}
        | {"estimate": b, "estimate_sd": b / 2, "ci_low": b / 2 - 0.1, "ci_high": b / 2 + 0.1, "z": b * 10}
        for half_life, legs, inertia, b in (
            ("90d", "min", False, 0.4), ("90d", "min", True, 0.1), ("1y", "min", True, -0.3),
            ("30d", "sqrt", True, nan), ("90d", "binary", True, 0.2),
        )
    )  # fmt: skip
    curve = Rung(6, NAMES[6], "estimated", None, None, points, None, (), "shared_threat in 4 specifications.")
    first, third, fourth = estimated
    return tuple(rung.to_dict() for rung in (first, none, third, fourth, event, curve))


@pytest.fixture(scope="session")
def climbed(explanation: Explanation, ladder: tuple[dict[str, Any], ...]) -> Explanation:
    """The answer as if from the within-pair model, with a ladder and with what stands beside its estimates."""
    nan = float("nan")
    beside = (
        {
            "name": "split-panel jackknife",
            "coefficients": [_other("inertia.coop", 0.5, nan), _other("shared_threat", 0.3, nan)],
        },
        {"name": "without inertia", "coefficients": [_other("shared_threat", 0.25, 0.125)]},
        {"name": "legs sqrt", "coefficients": [_other("inertia.coop", 0.4, 0.1), _other("shared_threat", nan, nan)]},
    )
    fit = replace(
        explanation.fit, model="within", n_slices=12, n_periods=12, period="1mo", slice="1mo", legs="min",
        half_life="90d", alternatives=beside, ladder=ladder,
    )  # fmt: skip
    return replace(explanation, fit=fit, rung="4 within-pair")


def _line(estimate: float, low: float, high: float) -> Coefficient:
    return Coefficient("shared_threat", estimate, 0.1, 0.1, 0.1, 0.1, low, high, 1.0, 0.3, 0.5, estimate / 2, 1.0)


def _other(term: str, estimate: float, error: float) -> dict[str, Any]:
    return {"term": term, "estimate": estimate, "se_jackknife": error, "estimate_sd": estimate / 2}


@pytest.fixture
def no_bundle(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page without the 900 kB of the real script."""
    monkeypatch.setattr("tertius.report.html.vega_bundle", lambda: "window.vegaEmbed = () => Promise.resolve();")
