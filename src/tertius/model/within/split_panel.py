"""The split-panel jackknife: bias of order 1/T, which dyad effects give to lagged outcomes, removed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tertius.errors import NotEnoughData
from tertius.model.within.panel import Booleans, Floats
from tertius.model.within.ppml import Estimate, WithinFit


@dataclass(frozen=True, slots=True)
class SplitPanel:
    """Split-panel jackknife: bias of order 1/T removed by comparison with half the periods.

    Attributes
    ----------
    names : terms of the full fit.
    full, first, second : (p,) coefficients from all, the earlier half and the later half of the periods.
    corrected : (p,) 2 full - (first + second) / 2; NaN for a term that a half absorbs.
    """

    names: tuple[str, ...]
    full: Floats
    first: Floats
    second: Floats
    corrected: Floats


def split_panel_jackknife(
    fit_function: Callable[[Booleans], Estimate | WithinFit], periods: int | Booleans
) -> SplitPanel:
    """Remove the bias of order 1/T by half-panels in time (Dhaene & Jochmans 2015, doi:10.1093/restud/rdv007).

    Assumes that both halves follow the same model: a trend or a break in beta goes into the correction. With an odd
    number of periods the two nearly equal splits are averaged.

    Parameters
    ----------
    fit_function : from a (T,) mask of periods to a fit; terms that look back must come from the whole history.
    periods : T, or a (T,) mask of the observed periods.

    Raises
    ------
    NotEnoughData : fewer than 4 periods.

    Examples
    --------
    >>> from tertius.model.within.ppml import fit_ppml
    >>> rng = np.random.default_rng(1)
    >>> x, y = rng.normal(size=(1, 12, 8, 8)), rng.poisson(3.0, size=(12, 8, 8)).astype(float)
    >>> halves = split_panel_jackknife(lambda kept: fit_ppml(y, x, directed=True, mask=kept), 12)
    >>> halves.corrected.shape
    (1,)
    """
    observed = np.ones(periods, dtype=bool) if isinstance(periods, int) else np.asarray(periods, dtype=bool)
    parts = halves(observed)
    full = fit_function(observed)

    def half(kept: Booleans) -> Floats:
        fit = fit_function(kept)
        found = dict(zip(fit.names, fit.beta, strict=True))
        return np.array([found.get(name, np.nan) for name in full.names])

    first, second = (np.mean([half(kept) for kept in some], axis=0) for some in (parts[::2], parts[1::2]))
    return SplitPanel(full.names, full.beta, first, second, 2 * full.beta - (first + second) / 2)


def halves(observed: Booleans) -> list[Booleans]:
    """Masks of the earlier and the later half of the observed periods, in turn: with an odd number of periods those of
    both splits.

    >>> [np.flatnonzero(kept).tolist() for kept in halves(np.ones(5, dtype=bool))]
    [[0, 1], [2, 3, 4], [0, 1, 2], [3, 4]]

    Raises NotEnoughData : fewer than 4 periods.
    """
    at = np.flatnonzero(observed)
    if len(at) < 4:
        raise NotEnoughData(
            f"The split-panel jackknife needs 4 periods, and {len(at)} are observed.",
            "Use a shorter period or a longer window.",
        )
    cuts = sorted({len(at) // 2, (len(at) + 1) // 2})
    return [np.isin(np.arange(len(observed)), some) for cut in cuts for some in (at[:cut], at[cut:])]
