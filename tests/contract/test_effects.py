"""Every effect against a slow, obvious twin: loops over events, dyads and third parties."""

from __future__ import annotations

from collections.abc import Callable
from math import sqrt

import numpy as np
import pytest

from tertius.effects import EFFECTS, PastView, columns, default_effects
from tertius.errors import UnknownEffect
from tertius.events.slices import DyadSlices
from tertius.history import History
from tertius.simulation import simulate
from tertius.spec import HalfLife

Matrix = list[list[float]]

HALF_LIFE = HalfLife.parse("coop=5d,host=9d")
LEGS: dict[str, Callable[[float, float], float]] = {
    "sqrt": lambda a, b: sqrt(a * b),
    "min": min,
    "product": lambda a, b: a * b,
    "binary": lambda a, b: float(a > 0 and b > 0),
}


def history(directed: bool) -> DyadSlices:
    kwargs = {} if directed else {"cooperation": {"inertia.coop": 0.4}, "hostility": {"inertia.host": 0.4}}
    return simulate(6, 25, events_per_slice=(4.0, 3.0), directed=directed, seed=5, **kwargs).slices


def slow_weights(slices: DyadSlices, s: int, sign: str) -> Matrix:
    """W_ij at slice s: a loop over events, each decayed from its slice to s."""
    n = slices.n_actors
    W = [[0.0] * n for _ in range(n)]
    for earlier in range(s):
        age = float(slices.edges[s] - slices.edges[earlier])
        for e in range(slices.indptr[earlier], slices.indptr[earlier + 1]):
            i, j = divmod(int(slices.dyad[e]), n)
            part = 0.0
            if sign in ("coop", "any"):
                part += slices.coop_weight[e] * 2 ** (-age / HALF_LIFE.coop)
            if sign in ("host", "any"):
                part += slices.host_weight[e] * 2 ** (-age / HALF_LIFE.host)
            W[i][j] += part
            if not slices.directed:
                W[j][i] += part
    return W


def slow_effect(name: str, sign: str, slices: DyadSlices, s: int, legs: str) -> np.ndarray:
    n = slices.n_actors
    m = LEGS[legs]
    W = slow_weights(slices, s, sign) if sign else []
    C, H = slow_weights(slices, s, "coop"), slow_weights(slices, s, "host")

    def both(A: Matrix) -> Matrix:
        return [[A[i][j] + A[j][i] if slices.directed else A[i][j] for j in range(n)] for i in range(n)]

    Cs, Hs = both(C), both(H)
    out = np.zeros((n, n))
    for i in range(n):
        for j in range(n):
            if i != j:
                out[i, j] = slow_entry(name, i, j, slices.directed, m, W, C, H, Cs, Hs)
    return out


def slow_entry(
    name: str, i: int, j: int, directed: bool, m: Callable[[float, float], float], W: Matrix, *histories: Matrix
) -> float:
    C, H, Cs, Hs = histories
    everyone = range(len(C))
    others = [k for k in everyone if k not in (i, j)]
    match name:
        case "inertia":
            return W[i][j]
        case "reciprocity":
            return W[j][i]
        case "activity":
            return sum(W[i]) if directed else sum(W[i]) + sum(W[j])
        case "popularity":
            return sum(W[k][j] for k in everyone)
        case "friend_of_friend":
            return sum(m(Cs[i][k], Cs[k][j]) for k in others)
        case "common_foe":
            return sum(m(Hs[i][k], Hs[k][j]) for k in others)
        case "shared_threat":
            return sum(m(H[k][i], H[k][j]) for k in others)
        case "shared_target":
            return sum(m(H[i][k], H[j][k]) for k in others)
        case "friend_of_foe":
            return sum(m(Hs[i][k], Cs[k][j]) for k in others)
        case "foe_of_friend":
            return sum(m(Cs[i][k], Hs[k][j]) for k in others)
        case "mixed":
            return sum(m(Hs[i][k], Cs[k][j]) + m(Cs[i][k], Hs[k][j]) for k in others)
        case "transitivity":
            return sum(m(W[i][k], W[k][j]) for k in others)
    raise AssertionError(f"{name} has no slow twin")


CASES = [
    (name, sign, kind)
    for name, effect in EFFECTS.items()
    for kind in effect.kinds
    for sign in (("coop", "host", "any") if effect.signed else ("",))
]


@pytest.mark.parametrize("legs", LEGS)
@pytest.mark.parametrize(("name", "sign", "kind"), CASES)
def test_effect_equals_its_slow_twin(name: str, sign: str, kind: str, legs: str) -> None:
    slices = history(kind == "directed")
    for past in History(slices, HALF_LIFE).past():
        if past.s not in (1, 7, 24):
            continue
        view = PastView(past, legs, slices.directed)
        fast = np.array(EFFECTS[name].compute(view, sign))
        np.fill_diagonal(fast, 0.0)
        np.testing.assert_allclose(fast, slow_effect(name, sign, slices, past.s, legs), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("legs", LEGS)
@pytest.mark.parametrize(("name", "kind"), [(n, k) for n, e in EFFECTS.items() if e.foes for k in e.kinds])
def test_third_parties_add_up_to_the_effect(name: str, kind: str, legs: str) -> None:
    slices = history(kind == "directed")
    for past in History(slices, HALF_LIFE).past(20, 21):
        view = PastView(past, legs, slices.directed)
        parts = EFFECTS[name].summands(view, 1, 4)
        assert parts[[1, 4]].tolist() == [0.0, 0.0]
        assert parts.sum() == pytest.approx(EFFECTS[name].compute(view, "")[1, 4], rel=1e-12)


def test_a_bare_signed_effect_is_two_columns_and_suffixes_choose() -> None:
    assert [c.name for c in columns(["inertia", "activity.any"], directed=True)] == [
        "inertia.coop",
        "inertia.host",
        "activity.any",
    ]


def test_default_effects_are_all_that_the_kind_allows_but_the_sum_of_threat_and_target() -> None:
    for directed, kind in ((True, "directed"), (False, "undirected")):
        allowed = {n for n, e in EFFECTS.items() if kind in e.kinds}
        assert set(default_effects(directed)) == allowed - ({"common_foe"} if directed else set())


@pytest.mark.parametrize(
    ("names", "directed"),
    [
        (["shared_threat"], False),
        (["reciprocity"], False),
        (["mixed"], True),
        (["alliances"], True),
        (["common_foe.coop"], True),
        (["inertia.friendly"], True),
        (["inertia", "inertia.coop"], True),
        ([], True),
    ],
)
def test_an_effect_that_does_not_exist_here_is_refused_with_the_way_out(names: list[str], directed: bool) -> None:
    with pytest.raises(UnknownEffect) as error:
        columns(names, directed)
    assert error.value.hint
