"""A term that a model leaves out because its other parts explain all of it."""

from __future__ import annotations

import math
from dataclasses import dataclass

from tertius.language import say


@dataclass(frozen=True, slots=True)
class Absorbed:
    """A term set aside before solving, and why.

    Attributes
    ----------
    term : its name.
    reason : what follows "it": "is absorbed by the fixed effects".
    ratio : variance left after demeaning (and after the terms before it, if ``collinear_with``) over raw variance; NaN
        where the model does not demean.
    collinear_with : the terms that give it, empty if effects alone do.
    """

    term: str
    reason: str
    ratio: float = math.nan
    collinear_with: tuple[str, ...] = ()

    def __str__(self) -> str:
        return say("{term} {reason}: left out.", term=self.term, reason=self.reason)
