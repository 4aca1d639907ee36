"""Which terms the within-pair model can estimate: those that neither the effects nor the terms before them absorb."""

from __future__ import annotations

import numpy as np

from tertius.language import joined, say
from tertius.model.absorbed import Absorbed
from tertius.model.within.demean import TIGHT, moments, subtract_effects
from tertius.model.within.newton import Start
from tertius.model.within.panel import Floats, KeptCells

ABSORBED_BELOW = 1e-11
"""Ratio of demeaned to raw variance below which a term counts as absorbed (float32 leaves about 1e-14)."""
COLLINEAR_BELOW = 1e-8
"""Share of a demeaned term's variance left by the terms before it, below which it counts as their combination."""


def screen(
    panel: KeptCells, start: Start, terms: list[int], scale: Floats, absorbed: list[Absorbed], names: tuple[str, ...]
) -> int:
    """Demean X under the weights of the start, in place; drop absorbed and collinear terms from ``terms`` and panel.x.

    What is left has unit weighted variance; ``scale`` (all terms) keeps the factor. Returns the iterations spent.
    """
    if not terms:
        return 0
    w, demeaner = start.mu, start.demeaner
    total = float(w.sum())
    panel.x -= (np.einsum("dkt,dt->k", panel.x, w) / total)[:, None]
    panel.x *= panel.live[:, None, :]
    raw = np.einsum("dkt,dkt,dt->k", panel.x, panel.x, w)
    panel.x /= np.sqrt(np.where(raw > 0, raw / total, 1.0))[:, None]
    gram, R = moments(panel, w, demeaner)
    E, spent, _ = demeaner.solve(R, np.zeros_like(R), np.full(len(terms), 1e-5))
    left = (np.diagonal(gram) - np.einsum("gtk,gtk->k", R, E)) / total
    unclear = np.flatnonzero(left < 1e-4)
    if len(unclear):
        E[:, :, unclear], more, _ = demeaner.solve(R[:, :, unclear], E[:, :, unclear], np.full(len(unclear), TIGHT))
        spent += more
    subtract_effects(panel, panel.x, E, w, demeaner)
    left = np.einsum("dkt,dkt,dt->k", panel.x, panel.x, w) / total
    kept: list[int] = []
    for at, k in enumerate(terms):
        if left[at] < ABSORBED_BELOW or raw[at] <= 0:
            absorbed.append(_by_effects(names[k], float(left[at]) if raw[at] > 0 else 0.0))
        else:
            kept.append(at)
    independent = _independent(panel, w, kept, left, [names[k] for k in terms], absorbed)
    sizes = np.sqrt(left[independent])
    scale[[terms[at] for at in independent]] *= np.sqrt(np.where(raw > 0, raw / total, 1.0))[independent] * sizes
    if len(independent) < len(terms):
        panel.x = np.ascontiguousarray(panel.x[:, independent])
    panel.x /= sizes[:, None]
    terms[:] = [terms[at] for at in independent]
    return spent


def _independent(
    panel: KeptCells, w: Floats, kept: list[int], left: Floats, names: list[str], absorbed: list[Absorbed]
) -> list[int]:
    """Those of the demeaned terms ``kept`` that the terms before them do not give; the others go to ``absorbed``."""
    gram = np.matmul(panel.x * w[:, None, :], panel.x.transpose(0, 2, 1)).sum(0)
    independent: list[int] = []
    for at in kept:
        if independent:
            inner = gram[np.ix_(independent, independent)]
            slope = np.linalg.solve(inner, gram[independent, at])
            rest = 1 - float(slope @ gram[independent, at]) / gram[at, at]
            if rest < COLLINEAR_BELOW:
                share = np.abs(slope) * np.sqrt(np.diagonal(inner) / gram[at, at])
                others = tuple(names[o] for o, s in zip(independent, share, strict=True) if s > 1e-6)
                absorbed.append(_by_terms(names[at], max(rest, 0.0) * float(left[at]), others))
                continue
        independent.append(at)
    return independent


def _by_effects(term: str, ratio: float) -> Absorbed:
    return Absorbed(
        term, say("is absorbed by the fixed effects (share of variance left {ratio:.0e})", ratio=ratio), ratio
    )


def _by_terms(term: str, ratio: float, others: tuple[str, ...]) -> Absorbed:
    return Absorbed(term, say("is, within pairs, a combination of {join}", join=joined(others, ", ")), ratio, others)
