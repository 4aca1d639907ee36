"""What stands beside the rule: each leg alone, and third parties one by one."""

from __future__ import annotations

from dataclasses import replace
from math import isnan, nan

import numpy as np
import pytest

from tertius.answers.certificate import certify
from tertius.answers.certificate.beside import alone_text, partially_pooled, thirds_text
from tertius.answers.certificate.models import one_leg, turn_to_foes
from tertius.answers.certificate.rule import Profile
from tertius.worlds import world

RNG = np.random.default_rng(6)


def hostility(T: int = 4, n: int = 6) -> np.ndarray:
    H = RNG.poisson(2.0, size=(T, n, n)).astype(float)
    H[:, np.arange(n), np.arange(n)] = 0
    return H


@pytest.mark.parametrize("legs", ["sqrt", "min"])
def test_one_leg_equals_a_slow_loop(legs: str) -> None:
    H = hostility()
    usual = H.mean(axis=0)
    m = (lambda a, b: (a * b) ** 0.5) if legs == "sqrt" else min
    found = one_leg(H, usual, legs)
    for t, i, j in np.ndindex(4, 6, 6):
        if i != j:
            both = sum(m(H[t, k, i], usual[k, j]) + m(usual[k, i], H[t, k, j]) for k in range(6) if k not in (i, j))
            assert found[t, i, j] == pytest.approx(both / 2)


def test_a_turn_to_standing_foes_by_hand() -> None:
    """0 turns on 1; 2 is its foe and nobody else's, 3 is a foe of all."""
    usual = np.zeros((5, 5))
    usual[0, 1:] = 1.0
    usual[4, 3] = 9.0
    h = np.stack([usual, usual])
    h[1, 0, 1] = 8.0
    X = turn_to_foes(h, usual, 0, 1.0)
    assert X.std() == pytest.approx(1.0)
    assert np.array_equal(X, X.transpose(0, 2, 1))
    assert not X[0].any()
    assert not X[:, 0].any()
    assert X[1, 1, 2] > 0 > X[1, 1, 3]
    assert not X[1, 2, 3]


def test_third_parties_are_drawn_to_their_mean_by_how_far_they_differ() -> None:
    apart = partially_pooled(["A", "B", "C"], [0.9, -0.9, 0.0], [0.1, 0.1, 0.3])
    assert apart[0].shrunk == pytest.approx(0.9, abs=0.02)
    assert 0.0 <= apart[2].shrunk < 0.01
    assert "from +1" in thirds_text(apart)
    assert "(A) to -" in thirds_text(apart)
    alike = partially_pooled(["A", "B"], [0.02, 0.04], [0.1, 0.1])
    assert [x.shrunk for x in alike] == pytest.approx([0.03, 0.03])
    assert "no more than by chance" in thirds_text(alike)
    assert [x.actor for x in partially_pooled(["A", "B"], [0.1, 0.2], [nan, 0.1])] == ["B"]
    assert partially_pooled(["A"], [0.1], [nan]) == ()
    assert thirds_text(()) == alone_text(None) == ""


@pytest.mark.parametrize(("z", "said"), [(3.0, "goes with more"), (0.0, "not clearly"), (-3.0, "goes with less")])
def test_each_leg_alone_in_words(z: float, said: str) -> None:
    assert said in alone_text(Profile(-3, -1, z / 10, 0.1, z))


def test_they_stand_in_the_certificate_and_decide_nothing() -> None:
    sl = world("planted", n_actors=24, n_periods=48, seed=3, effect=0.6).slices()
    found = certify(sl)
    assert found.alone is not None
    assert found.alone.z > 1.96
    assert len(found.thirds) == 8
    assert not any(isnan(x.shrunk) for x in found.thirds)
    document = found.to_dict()
    assert document["each_leg_alone"]["z"] == found.alone.z
    assert document["each_leg_alone"]["text"] == alone_text(found.alone)
    assert [x["actor"] for x in document["third_parties"]["each"]] == [x.actor for x in found.thirds]
    assert replace(found, alone=None, thirds=()).conditions == found.conditions
