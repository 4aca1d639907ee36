"""The effects: what may drive i to act towards j, as pure functions of the past.

Every effect has a name of the theory, a definition, and a sentence. ``f`` is the transform of the column (see
:mod:`tertius.model.design`); what is computed here is its argument, an (N, N) matrix whose entry i, j belongs to
i -> j. A~ = A + A' adds both directions; undirected matrices are symmetric already, and there A~ = A.

Friend of a friend, common foe and their mixtures are balance theory's four two-paths (Heider 1946,
doi:10.1080/00223980.1946.9917275; Cartwright & Harary 1956, doi:10.1037/h0046049); as statistics of dyadic event
networks see Lerner, Bussmann, Snijders & Brandes 2013, Corvinus Journal of Sociology and Social Policy 4(1), 3-32.

Adding an effect: one entry in :data:`EFFECTS` and one slow twin in ``tests/contract/test_effects.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tertius.effects.two_path import combine, prepared_leg, two_path
from tertius.errors import UnknownEffect, did_you_mean
from tertius.events.slices import Floats
from tertius.history import Past

SIGNS = ("coop", "host", "any")
SMALLEST = 1e-30  # a weight, in single precision


class PastView:
    """The past of one slice, with what several effects share computed once.

    In single precision (``dtype=np.float32``) weights below :data:`SMALLEST` are zero: numbers that single precision
    holds with less than all their digits make matrix products many times as slow. The past may be that of several
    slices, stacked (..., N, N), and then all effects are.
    """

    def __init__(self, past: Past, legs: str, directed: bool, dtype: type[np.floating[Any]] = np.float64) -> None:
        self._past = past
        self._C, self._H = (_in_precision(W, dtype) for W in (past.C, past.H))
        self._dtype = dtype
        self.s = past.s
        self.legs = legs
        self.directed = directed
        self._legs: dict[tuple[str, bool], Floats] = {}
        self._paths: dict[str, Floats] = {}

    def weights(self, sign: str, *, both_ways: bool = False) -> Floats:
        """(N, N) decayed weights of one sign; ``both_ways`` is W~."""
        W = {"coop": self._C, "host": self._H}.get(sign)
        if W is None:
            W = self._C + self._H
        return W + W.mT if both_ways and self.directed else W

    def leg(self, sign: str, *, both_ways: bool = False) -> Floats:
        """(N, N) weights of one sign, prepared for :func:`~tertius.effects.two_path.two_path`."""
        key = (sign, both_ways)
        if key not in self._legs:
            if self.legs == "binary":
                past = self._past
                ever = {"coop": past.coop_ever, "host": past.host_ever}.get(sign)
                if ever is None:
                    ever = past.coop_ever | past.host_ever
                self._legs[key] = (ever | ever.mT if both_ways else ever).astype(self._dtype)
            else:
                self._legs[key] = prepared_leg(self.weights(sign, both_ways=both_ways), self.legs)
        return self._legs[key]

    def path(self, name: str, A: Callable[[], Floats], B: Callable[[], Floats]) -> Floats:
        """The two-path of that name, computed once."""
        if name not in self._paths:
            self._paths[name] = two_path(A(), B(), self.legs)
        return self._paths[name]


def _in_precision(W: Floats, dtype: type[np.floating[Any]]) -> Floats:
    if W.dtype == dtype:
        return W
    W = W.astype(dtype)
    W *= W >= SMALLEST  # much faster than where a mask picks them
    return W


@dataclass(frozen=True, slots=True)
class Effect:
    """One effect of the theory.

    Attributes
    ----------
    name, definition, says : as in the documentation.
    signed : whether it takes a suffix ``.coop``, ``.host`` or ``.any``.
    kinds : stores for which it exists: "directed", "undirected".
    standard : whether it belongs to the default model.
    compute : (view, sign) -> (N, N) matrix.
    foes : view -> (N, N), for two-paths of foes: row i holds the weights with which each third party k weighs on i, so
        that k's part in the dyad's value is m(row i, row j) at k.
    mirror_of : the effect whose transpose it is; its values are the same, at other dyads.
    """

    name: str
    definition: str
    says: str
    signed: bool
    kinds: tuple[str, ...]
    standard: tuple[str, ...]
    compute: Callable[[PastView, str], Floats]
    foes: Callable[[PastView], Floats] | None = None
    mirror_of: str = ""

    def summands(self, view: PastView, i: int, j: int) -> Floats:
        """(..., N) part of each third party in the value of the dyad (i, j); only where there are ``foes``."""
        assert self.foes is not None
        rows = self.foes(view)
        return combine(rows[..., i, :], rows[..., j, :], view.legs)

    @property
    def two_path(self) -> bool:
        """Whether it sums over third parties, so that the legs matter."""
        return "sum_k m(" in self.definition


@dataclass(frozen=True, slots=True)
class EffectColumn:
    """One column of the design: an effect, and the sign of the events that feed it where it takes one."""

    effect: Effect
    sign: str

    @property
    def name(self) -> str:
        """As in the tables: ``inertia.coop``, ``common_foe``."""
        return f"{self.effect.name}.{self.sign}" if self.effect.signed else self.effect.name

    @property
    def transformed(self) -> bool:
        """Whether the model's transform applies."""
        return True

    @property
    def two_path(self) -> bool:
        """Whether the legs matter."""
        return self.effect.two_path

    @property
    def fed_by(self) -> tuple[str, ...]:
        """Signs of the events without which the column is zero."""
        if self.effect.signed:
            return ("coop", "host") if self.sign == "any" else (self.sign,)
        return {"friend_of_friend": ("coop",), "common_foe": ("host",)}.get(
            self.effect.name, ("host",) if self.effect.name.startswith("shared_") else ("coop", "host")
        )

    @property
    def mirror(self) -> str:
        """Name of the column whose transpose it is; empty if of none."""
        of = self.effect.mirror_of
        return f"{of}.{self.sign}" if of and self.effect.signed else of

    def compute(self, view: PastView) -> Floats:
        """(N, N) argument of the transform."""
        return self.effect.compute(view, self.sign)


def _inertia(v: PastView, sign: str) -> Floats:
    return v.weights(sign)


def _reciprocity(v: PastView, sign: str) -> Floats:
    return v.weights(sign).mT


def _activity(v: PastView, sign: str) -> Floats:
    W = v.weights(sign)
    out = W.sum(axis=-1)[..., None]
    return np.broadcast_to(out if v.directed else out + out.mT, W.shape)


def _popularity(v: PastView, sign: str) -> Floats:
    W = v.weights(sign)
    return np.broadcast_to(W.sum(axis=-2)[..., None, :], W.shape)


def _transitivity(v: PastView, sign: str) -> Floats:
    return two_path(v.leg(sign), v.leg(sign), v.legs)


def _symmetric_path(first: str, second: str) -> Callable[[PastView, str], Floats]:
    def compute(v: PastView, _: str) -> Floats:
        return v.path(
            f"{first}-{second}", lambda: v.leg(first, both_ways=True).mT, lambda: v.leg(second, both_ways=True)
        )

    return compute


_foe_then_friend = _symmetric_path("host", "coop")


def _foe_of_friend(v: PastView, sign: str) -> Floats:
    return _foe_then_friend(v, sign).mT  # W~ is symmetric: the other order is the transpose


def _mixed(v: PastView, sign: str) -> Floats:
    path = _foe_then_friend(v, sign)
    return path + path.mT


def _shared_threat(v: PastView, _: str) -> Floats:
    return v.path("threat", lambda: v.leg("host").mT, lambda: v.leg("host"))


def _shared_target(v: PastView, _: str) -> Floats:
    return v.path("target", lambda: v.leg("host"), lambda: v.leg("host").mT)


def _raw(v: PastView, both_ways: bool) -> Floats:
    if v.legs == "binary":
        return v.leg("host", both_ways=both_ways)
    return v.weights("host", both_ways=both_ways)


def _threats(v: PastView) -> Floats:
    return _raw(v, False).mT


def _targets(v: PastView) -> Floats:
    return _raw(v, False)


def _conflicts(v: PastView) -> Floats:
    return _raw(v, True)


def part_of(view: PastView, k: int) -> Floats:
    """(N, N) part of one third party k in every dyad's common foe (undirected) or shared threat: m(H_ki, H_kj)."""
    H = _raw(view, False)[k]
    part = combine(H[:, None], H[None, :], view.legs)
    part[k, :] = part[:, k] = 0.0
    np.fill_diagonal(part, 0.0)
    return part


_BOTH = ("directed", "undirected")
_DIRECTED = ("directed",)

EFFECTS: dict[str, Effect] = {
    e.name: e
    for e in (
        Effect("inertia", "f(W_ij)", "they keep doing what they did", True, _BOTH, _BOTH, _inertia),
        Effect(
            "reciprocity",
            "f(W_ji)",
            "they answer in kind",
            True,
            _DIRECTED,
            _DIRECTED,
            _reciprocity,
            mirror_of="inertia",
        ),
        Effect(
            "activity",
            "f(sum_k W_ik); undirected: f(sum_k W_ik + W_jk)",
            "busy senders (undirected: busy pairs of states)",
            True,
            _BOTH,
            _BOTH,
            _activity,
        ),
        Effect("popularity", "f(sum_k W_kj)", "busy receivers", True, _DIRECTED, _DIRECTED, _popularity),
        Effect(
            "friend_of_friend",
            "f(sum_k m(C~_ik, C~_kj))",
            "shared friends",
            False,
            _BOTH,
            _BOTH,
            _symmetric_path("coop", "coop"),
        ),
        Effect(
            "common_foe",
            "f(sum_k m(H~_ik, H~_kj))",
            "the enemy of my enemy",
            False,
            _BOTH,
            ("undirected",),
            _symmetric_path("host", "host"),
            _conflicts,
        ),
        Effect(
            "shared_threat",
            "f(sum_k m(H_ki, H_kj))",
            "the same third party is hostile to both",
            False,
            _DIRECTED,
            _DIRECTED,
            _shared_threat,
            _threats,
        ),
        Effect(
            "shared_target",
            "f(sum_k m(H_ik, H_jk))",
            "both are hostile to the same third party",
            False,
            _DIRECTED,
            _DIRECTED,
            _shared_target,
            _targets,
        ),
        Effect(
            "friend_of_foe",
            "f(sum_k m(H~_ik, C~_kj))",
            "j is a friend of i's foe",
            False,
            _DIRECTED,
            _DIRECTED,
            _foe_then_friend,
        ),
        Effect(
            "foe_of_friend",
            "f(sum_k m(C~_ik, H~_kj))",
            "j is a foe of i's friend",
            False,
            _DIRECTED,
            _DIRECTED,
            _foe_of_friend,
            mirror_of="friend_of_foe",
        ),
        Effect(
            "mixed",
            "f(sum_k m(H~_ik, C~_kj) + m(C~_ik, H~_kj))",
            "one's friend is the other's foe",
            False,
            ("undirected",),
            ("undirected",),
            _mixed,
        ),
        Effect(
            "transitivity",
            "f(sum_k m(W_ik, W_kj))",
            "paths of the same sign lead from i to j",
            True,
            _DIRECTED,
            _DIRECTED,
            _transitivity,
        ),
    )
}


def kind_of(directed: bool) -> str:
    """The name of a store's kind."""
    return "directed" if directed else "undirected"


def default_effects(directed: bool) -> tuple[str, ...]:
    """Names of the effects of the default rate model.

    >>> default_effects(directed=False)
    ('inertia', 'activity', 'friend_of_friend', 'common_foe', 'mixed')
    """
    return tuple(e.name for e in EFFECTS.values() if kind_of(directed) in e.standard)


def columns(names: Sequence[str], directed: bool) -> tuple[EffectColumn, ...]:
    """The columns of the design for these effects; a bare signed effect gives ``.coop`` and ``.host``.

    Raises UnknownEffect with every name that does not exist, or does not exist for this kind of store.

    >>> [c.name for c in columns(["inertia", "shared_threat"], directed=True)]
    ['inertia.coop', 'inertia.host', 'shared_threat']
    """
    found: list[EffectColumn] = []
    wrong: list[str] = []
    hints: list[str] = []
    kind = kind_of(directed)
    possible = ", ".join(e.name for e in EFFECTS.values() if kind in e.kinds)
    for name in names:
        base, _, suffix = name.partition(".")
        effect = EFFECTS.get(base)
        if effect is None:
            wrong.append(f"There is no effect '{name}'.")
            hints.append(did_you_mean(base, (e.name for e in EFFECTS.values() if kind in e.kinds)).strip())
            continue
        if kind not in effect.kinds:
            wrong.append(
                f"The effect '{base}' does not exist in a store that is {kind}"
                + (": such data do not say whose hostility it was." if not directed else ".")
            )
            continue
        if suffix and (not effect.signed or suffix not in SIGNS):
            choices = ", ".join(f"{base}.{s}" for s in SIGNS) if effect.signed else f"{base}, without a suffix"
            wrong.append(f"There is no effect '{name}'.")
            hints.append(f"Write {choices}.")
            continue
        signs = (suffix,) if suffix else (("coop", "host") if effect.signed else ("",))
        found += [EffectColumn(effect, s) for s in signs]
    if wrong:
        given = " ".join(dict.fromkeys(h for h in hints if h))
        raise UnknownEffect(" ".join(dict.fromkeys(wrong)), f"{given} Effects of {kind} data: {possible}.".strip())
    if not found:
        raise UnknownEffect("No effect is named.", f"Effects here: {possible}.")
    twice = {c.name for c in found if sum(d.name == c.name for d in found) > 1}
    if twice:
        raise UnknownEffect(f"Named twice: {', '.join(sorted(twice))}.", "Name each effect once.")
    return tuple(found)
