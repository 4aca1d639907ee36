"""The partial likelihood of one slice, on the full risk set. Arrays only.

With y_d the outcome of dyad d in the slice (zero for most), n = sum_d y_d, eta_d = x_d . beta:

    l(beta) = sum_d y_d eta_d - n log sum_d exp(eta_d)

(Butts 2008, doi:10.1111/j.1467-9531.2008.00203.x; Brandes, Lerner & Snijders 2009, doi:10.1109/ASONAM.2009.28;
ties after Breslow 1974, doi:10.2307/2529620). The base rate of the slice has dropped out, and with it every growth or
gap of media coverage. Gradient and information are those of a multinomial: with p = softmax(eta), xbar = sum_d p_d x_d,

    gradient = sum_d y_d (x_d - xbar),   information = n sum_d p_d (x_d - xbar)(x_d - xbar)'.

Columns may be in single precision; sums over the dyads are then taken in single precision over chunks of
dyads, and in double precision over the chunks.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tertius.events.slices import Bools, Floats, Ints

DYADS = 1000  # at a time in :func:`add_cells`
SMALL_PRODUCT = 900_000  # below about a million multiplications OpenBLAS does not copy its arguments: twice as fast


@dataclass(frozen=True, slots=True)
class SliceTerms:
    """What one slice adds. p columns, D dyads at risk.

    Attributes
    ----------
    log_likelihood : l(beta).
    gradient : (p,).
    information : (p, p), minus the Hessian; (0, 0) if not asked for.
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


def slice_terms(
    X: Floats, at: Ints, y: Floats, beta: Floats, out: Bools | None = None, *, information: bool = True
) -> SliceTerms:
    """Likelihood, gradient and information of one slice.

    Parameters
    ----------
    X : (p, D) design of the slice.
    at : (e,) dyads (columns of X) with events, each once.
    y : (e,) their outcome, above zero.
    beta : (p,) coefficients.
    out : (D,) dyads that are not at risk in this slice (a covariate is missing); their X must be finite.
    information : whether it is wanted; it is the dearest part.

    >>> X = np.array([[0.0, 1.0, 2.0]])
    >>> terms = slice_terms(X, np.array([2]), np.array([1.0]), np.zeros(1))
    >>> round(terms.log_likelihood, 6), float(terms.gradient[0])
    (-1.098612, 1.0)
    """
    eta = beta.astype(X.dtype) @ X
    if out is not None:
        eta[out] = -np.inf
    top, events = eta.max(), eta[at]
    p = np.exp(np.subtract(eta, top, out=eta), out=eta)
    mass, first, second = 0.0, np.zeros(len(X)), np.zeros((len(X), len(X)))
    weighted = X * p if information else X
    for span, m in chunks_of(len(X), X.shape[1]):
        x, w = X[:, span].reshape(len(X), m, -1).transpose(1, 0, 2), p[span].reshape(m, -1)
        mass += float(w.sum(axis=1).sum(dtype=np.float64))
        first += (x @ w[:, :, None])[:, :, 0].sum(axis=0, dtype=np.float64)
        if information:
            xw = weighted[:, span].reshape(len(X), m, -1).transpose(1, 0, 2)
            second += (xw @ x.transpose(0, 2, 1)).sum(axis=0, dtype=np.float64)
    p *= 1.0 / mass
    n, centre = float(y.sum()), first / mass
    return SliceTerms(
        log_likelihood=float(y @ events) - n * (float(top) + float(np.log(mass))),
        gradient=X[:, at] @ y - n * centre,
        information=n * (second / mass - np.outer(centre, centre)) if information else np.empty((0, 0)),
        probability=p,
        centre=centre,
        total=n,
    )


def variances(X: Floats, out: Bools | None = None) -> Floats:
    """(p,) variance of each column over the dyads at risk.

    >>> variances(np.array([[0.0, 1.0, 2.0]])).round(3).tolist()
    [0.667]
    """
    if out is not None:
        X = X[:, ~out]
    first, second = np.zeros(len(X)), np.zeros(len(X))
    for span, m in chunks_of(len(X), X.shape[1]):
        x = X[:, span].reshape(len(X), m, -1)
        first += (x @ np.ones(x.shape[2], dtype=X.dtype)).sum(axis=1, dtype=np.float64)
        second += np.vecdot(x, x).sum(axis=1, dtype=np.float64)
    return np.asarray(second / X.shape[1] - (first / X.shape[1]) ** 2)


def put_cells(z: Floats, X: Floats, terms: SliceTerms, room: Floats) -> None:
    """Write sqrt(n p) (x - xbar, 1) of every dyad of one slice into z (D, p + 1); ``room`` (p + 1, D) is overwritten.

    :func:`add_cells` makes the information and the expected score of every dyad of it.
    """
    root = np.sqrt(terms.probability * z.dtype.type(terms.total), out=room[-1])
    np.subtract(X, terms.centre.astype(z.dtype)[:, None], out=room[:-1])
    room[:-1] *= root
    z[:] = room.T


def add_cells(sums: Floats, Z: Floats) -> None:
    """Add to ``sums`` (D, p + 1, p) the products sum_b z z' of Z (B, D, p + 1): information, and last the scores."""
    _, D, p = Z.shape
    products = np.empty((min(D, DYADS), p, p - 1), dtype=Z.dtype)
    for start in range(0, D, DYADS):
        z = Z[:, start : start + DYADS]
        out = products[: z.shape[1]]
        sums[start : start + DYADS] += np.matmul(z.transpose(1, 2, 0), z[:, :, :-1].transpose(1, 0, 2), out=out)


def chunks_of(p: int, D: int) -> tuple[tuple[slice, int], ...]:
    """Spans of D dyads and how many chunks each falls into, of one length: most in one span, the rest in another.

    >>> chunks_of(15, 9_000)
    ((slice(0, 8000, None), 2), (slice(8000, 9000, None), 1))
    """
    width = min(D, max(256, SMALL_PRODUCT // p**2))
    m = D // width
    spans = ((slice(0, m * width), m), (slice(m * width, D), 1))
    return spans if m * width < D else spans[:1]
