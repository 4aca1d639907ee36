"""The partial likelihood of one slice, on the full risk set. Arrays only.

With y_d the outcome of dyad d in the slice (zero for most), n = sum_d y_d, eta_d = x_d . beta:

    l(beta) = sum_d y_d eta_d - n log sum_d exp(eta_d)

(Butts 2008, doi:10.1111/j.1467-9531.2008.00203.x; Brandes, Lerner & Snijders 2009, doi:10.1109/ASONAM.2009.28;
ties after Breslow 1974, doi:10.2307/2529620). The base rate of the slice has dropped out, and with it every growth or
gap of media coverage. Gradient and information are those of a multinomial: with p = softmax(eta), xbar = sum_d p_d x_d,

    gradient = sum_d y_d (x_d - xbar),   information = n sum_d p_d (x_d - xbar)(x_d - xbar)'.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tertius.events.slices import Bools, Floats, Ints


@dataclass(frozen=True, slots=True)
class SliceTerms:
    """What one slice adds. p columns, D dyads at risk.

    Attributes
    ----------
    log_likelihood : l(beta).
    gradient : (p,).
    information : (p, p), minus the Hessian.
    probability : (D,) that an event of the slice falls on the dyad.
    centre : (p,) xbar.
    total : n, events (or weight) of the slice.
    """

    log_likelihood: float
    gradient: Floats
    information: Floats
    probability: Floats
    centre: Floats
    total: float


def slice_terms(X: Floats, at: Ints, y: Floats, beta: Floats, out: Bools | None = None) -> SliceTerms:
    """Likelihood, gradient and information of one slice.

    Parameters
    ----------
    X : (p, D) design of the slice.
    at : (e,) dyads (columns of X) with events, each once.
    y : (e,) their outcome, above zero.
    beta : (p,) coefficients.
    out : (D,) dyads that are not at risk in this slice (a covariate is missing); their X must be finite.

    >>> X = np.array([[0.0, 1.0, 2.0]])
    >>> terms = slice_terms(X, np.array([2]), np.array([1.0]), np.zeros(1))
    >>> round(terms.log_likelihood, 6), float(terms.gradient[0])
    (-1.098612, 1.0)
    """
    eta = beta @ X
    if out is not None:
        eta[out] = -np.inf
    top = eta.max()
    p = np.exp(eta - top)
    mass = p.sum()
    p /= mass
    n = float(y.sum())
    centre = X @ p
    information = n * ((X * p) @ X.T - np.outer(centre, centre))
    return SliceTerms(
        log_likelihood=float(y @ eta[at]) - n * float(top + np.log(mass)),
        gradient=X[:, at] @ y - n * centre,
        information=information,
        probability=p,
        centre=centre,
        total=n,
    )
