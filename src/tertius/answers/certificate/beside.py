"""What stands beside the rule and decides nothing: each leg alone, and third parties one by one, partially pooled.

**Each leg alone.** A foe term rises when k turns on i and j at once, and when it turns on one of them. The same windows
with one of the two hostilities held at its usual level say what follows when k turns on i while k and j are as usual.

**Third parties.** A foe term of one third party alone is mostly taken up by the effects of actors and periods. What is
left is a turn to standing foes: k turns on i, and j is one whose hostility is k's more than others' is. Its
coefficients rest on few events each, and so are drawn towards their mean, the more so the less they differ beyond their
errors (DerSimonian & Laird 1986, doi:10.1016/0197-2456(86)90046-2).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan
from typing import Any

import numpy as np

from tertius.answers.certificate.rule import Z_CLEAR, Profile
from tertius.language import Number, say

THIRDS = 8
"""Third parties that are looked at, the most hostile of all."""
SAME = 5e-4
"""Log points below which third parties are not told apart."""


@dataclass(frozen=True, slots=True)
class ThirdParty:
    """One third party: ``estimate`` and ``se`` in log points for one standard deviation of its turn to standing foes
    one to three periods earlier; ``shrunk``: the estimate drawn towards the mean of all."""

    actor: str
    estimate: float
    se: float
    shrunk: float

    def to_dict(self) -> dict[str, Any]:
        """As in the certificate's JSON."""
        return {"actor": self.actor, "estimate": self.estimate, "se": self.se, "shrunk": self.shrunk}


def partially_pooled(
    actors: Sequence[str], estimates: Sequence[float], errors: Sequence[float]
) -> tuple[ThirdParty, ...]:
    """Third parties, each estimate drawn towards the mean; those without a standard error are left out.

    >>> a, b = partially_pooled(["A", "B"], [0.3, -0.1], [0.1, 0.1])
    >>> round(a.shrunk, 3), round(b.shrunk, 3)
    (0.275, -0.075)
    >>> [round(x.shrunk, 3) for x in partially_pooled(["A", "B"], [0.11, 0.09], [0.1, 0.1])]
    [0.1, 0.1]
    """
    found = [(a, e, se) for a, e, se in zip(actors, estimates, errors, strict=True) if not isnan(se)]
    if not found:
        return ()
    e, se = (np.array(x) for x in list(zip(*found, strict=True))[1:])
    w = se**-2.0
    mean = (w @ e) / w.sum()
    spare = w.sum() - (w @ w) / w.sum()
    between = max(0.0, float((w @ (e - mean) ** 2 - (len(e) - 1)) / spare)) if spare > 0 else 0.0
    mean = ((e / (se**2 + between)).sum()) / (1 / (se**2 + between)).sum()
    shrunk = mean + between / (between + se**2) * (e - mean)
    return tuple(ThirdParty(a, x, s, float(y)) for (a, x, s), y in zip(found, shrunk, strict=True))


def alone_text(alone: Profile | None) -> str:
    """What each leg alone says, in a sentence; empty where there is none."""
    if alone is None or isnan(alone.z):
        return ""
    found = (
        say("goes with more")
        if alone.z > Z_CLEAR
        else say("goes with less")
        if alone.z < -Z_CLEAR
        else say("does not clearly go with")
    )
    return say(
        "Hostility between a third party and one of the two, while that with the other is as usual, {found} "
        "cooperation one to three periods later (z = {z:.1f}). It decides nothing.",
        found=found,
        z=alone.z,
    )


def thirds_text(thirds: Sequence[ThirdParty]) -> str:
    """What third parties one by one say, in a sentence; empty where there are none."""
    if not thirds:
        return ""
    ranked = sorted(thirds, key=lambda x: -x.shrunk)
    first, last = ranked[0], ranked[-1]
    if len(thirds) == 1:
        said = say("{percent} ({actor})", percent=_percent(first), actor=first.actor)
    elif first.shrunk - last.shrunk < SAME:
        said = say("{percent} for each, as they differ no more than by chance", percent=_percent(first))
    else:
        said = say(
            "from {percent} ({actor}) to {percent2} ({actor2})",
            percent=_percent(first),
            actor=first.actor,
            percent2=_percent(last),
            actor2=last.actor,
        )
    return say(
        "Cooperation of a state with a third party's standing foes, for a usual rise of hostility between the "
        "state and that third party, for the most hostile third parties one by one, drawn towards their mean: "
        "{said}. It decides nothing.",
        said=said,
    )


def _percent(x: ThirdParty) -> str:
    return Number(f"{100 * np.expm1(x.shrunk):+.1f} %")
