"""The partial likelihood of one slice, on the full risk set or a sample of it. Arrays only.

With y_d the outcome of dyad d in the slice (zero for most), n = sum_d y_d, eta_d = x_d . beta:

    l(beta) = sum_d y_d eta_d - n log sum_d exp(eta_d)

(Butts 2008, doi:10.1111/j.1467-9531.2008.00203.x; Brandes, Lerner & Snijders 2009, doi:10.1109/ASONAM.2009.28;
ties after Breslow 1974, doi:10.2307/2529620). The base rate of the slice has dropped out, and with it every growth or
gap of media coverage. Gradient and information are those of a multinomial: with p = softmax(eta), xbar = sum_d p_d x_d,

    gradient = sum_d y_d (x_d - xbar),   information = n sum_d p_d (x_d - xbar)(x_d - xbar)'.

Of a sampled risk set (:mod:`tertius.model.rate.sampling`) the cells drawn take the place of all dyads: eta has log
weights for an offset, and an event whose dyad was not drawn stands, in its own sum, in the place of one that was.

Columns may be in single precision; sums over the dyads are then taken in single precision over chunks of
dyads, and in double precision over the chunks.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tertius.events.slices import Bools, Floats, Ints

SMALLEST_MEAN = 1e-30  # expected events of a dyad in a slice, at least: its root divides
NEAR_BYTES = 500_000  # up to which a block stays near the processor
DYADS = 500  # at a time in :func:`add_cells`
SMALL_PRODUCT = 900_000  # below about a million multiplications OpenBLAS does not copy its arguments: twice as fast


@dataclass(frozen=True, slots=True)
class Drawn:
    """The cells of one slice of a sampled risk set: m controls, then k dyads with events that were not among them.

    Attributes
    ----------
    dyad : (m + k,) flat dyad indices; the m controls ascending.
    offset : (m + k,) log of how many dyads each stands for.
    instead : (k,) the control (below m) in whose place each of the k stands in the sum of its own events.
    at : (e,) cells of the dyads with events.
    y : (e,) their outcome.
    """

    dyad: Ints
    offset: Floats
    instead: Ints
    at: Ints
    y: Floats


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
    X: Floats,
    at: Ints,
    y: Floats,
    beta: Floats,
    out: Bools | None = None,
    *,
    information: bool = True,
    drawn: Drawn | None = None,
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
    drawn : what the columns of X are where the risk set is sampled; None: all dyads.

    >>> X = np.array([[0.0, 1.0, 2.0]])
    >>> terms = slice_terms(X, np.array([2]), np.array([1.0]), np.zeros(1))
    >>> round(terms.log_likelihood, 6), float(terms.gradient[0])
    (-1.098612, 1.0)
    """
    eta = beta.astype(X.dtype) @ X
    if drawn is not None:
        eta += drawn.offset.astype(X.dtype)
    if out is not None:
        eta[out] = -np.inf
    top, events = eta.max(), eta[at]
    p = np.exp(np.subtract(eta, top, out=eta), out=eta)
    log_sums: float | None = None
    between: Floats | float = 0.0
    if drawn is not None and len(drawn.instead):
        log_sums, between = _of_own_sums(X, at, y, p, drawn.instead)
    mass, first, second = _moments(X, p, information)
    p *= 1.0 / mass
    n, centre = float(y.sum()), first / mass
    return SliceTerms(
        log_likelihood=float(y @ events) - n * float(top) - (n * float(np.log(mass)) if log_sums is None else log_sums),
        gradient=X[:, at] @ y - n * centre,
        information=n * (second / mass - np.outer(centre, centre)) - between if information else np.empty((0, 0)),
        probability=p,
        centre=centre,
        total=n,
    )


def _moments(X: Floats, w: Floats, squares: bool) -> tuple[float, Floats, Floats]:
    """Sums over the dyads of w (D,), of w x (p,) and, where wanted, of w x x' (p, p), in chunks of dyads."""
    weighted = X * w if squares else X
    spans = chunks_of(len(X), X.shape[1])
    if len(spans) == 1 and spans[0][1] == 1:
        second = weighted @ X.T if squares else np.empty((0, 0))
        return float(w.sum()), (X @ w).astype(np.float64), second.astype(np.float64)
    mass, first, second = 0.0, np.zeros(len(X)), np.zeros((len(X), len(X)))
    for span, m in spans:
        x, v = X[:, span].reshape(len(X), m, -1).transpose(1, 0, 2), w[span].reshape(m, -1)
        mass += float(v.sum(axis=1).sum(dtype=np.float64))
        first += (x @ v[:, :, None])[:, :, 0].sum(axis=0, dtype=np.float64)
        if squares:
            xw = weighted[:, span].reshape(len(X), m, -1).transpose(1, 0, 2)
            second += (xw @ x.transpose(0, 2, 1)).sum(axis=0, dtype=np.float64)
    return mass, first, second


def _of_own_sums(X: Floats, at: Ints, y: Floats, p: Floats, instead: Ints) -> tuple[float, Floats]:
    """Sum of y log(sum of its event), and the spread of the events' centres; p = exp(eta) becomes their mean share.

    The last k cells of X stand in no sum but their own, in the place of the controls ``instead``. With S the sum over
    the m controls, that of such an event is S - p_instead + p_own.
    """
    m = X.shape[1] - len(instead)
    outcome = np.zeros(X.shape[1])
    outcome[at] = y
    own_y, S = outcome[m:], float(p[:m].sum(dtype=np.float64))
    n, rest = float(y.sum()), float(y.sum() - own_y.sum())
    own = np.maximum(S - p[instead].astype(np.float64), 0.0) + p[m:]
    share = own_y / own
    first = (X[:, :m] @ p[:m]).astype(np.float64)
    centres = (first[:, None] + X[:, m:] * p[m:] - X[:, instead] * p[instead]) / own
    log_sums = rest * float(np.log(S)) + float(own_y @ np.log(own))
    less = np.bincount(instead, weights=share, minlength=m)
    p[:m] *= np.maximum(rest / S + share.sum() - less, 0.0) / n
    p[m:] *= share / n
    mean = (rest / S * first + centres @ own_y) / n
    of = centres - mean[:, None]
    apart = first / S - mean
    return log_sums, (of * own_y) @ of.T + rest * np.outer(apart, apart)


def variances(X: Floats, out: Bools | None = None, drawn: Drawn | None = None) -> Floats:
    """(p,) variance of each column over the dyads at risk, for which those drawn stand by their weights.

    >>> variances(np.array([[0.0, 1.0, 2.0]])).round(3).tolist()
    [0.667]
    """
    if drawn is not None:
        m = len(drawn.dyad) - len(drawn.instead)
        w = np.exp(drawn.offset[:m])
        mean = X[:, :m] @ w / w.sum()
        return np.asarray(X[:, :m] ** 2 @ w / w.sum() - mean**2)
    if out is not None:
        X = X[:, ~out]
    first, second = np.zeros(len(X)), np.zeros(len(X))
    for span, m in chunks_of(len(X), X.shape[1]):
        x = X[:, span].reshape(len(X), m, -1)
        first += (x @ np.ones(x.shape[2], dtype=X.dtype)).sum(axis=1, dtype=np.float64)
        second += np.vecdot(x, x).sum(axis=1, dtype=np.float64)
    return np.asarray(second / X.shape[1] - (first / X.shape[1]) ** 2)


def put_cells(z: Floats, X: Floats, terms: SliceTerms, at: Ints, y: Floats) -> None:
    """Write r (x - xbar) of every dyad of one slice, r = sqrt(n p), and last (n p - y) / r, into z (p + 1, D).

    :func:`add_cells` makes the information and the score of every dyad of it.
    """
    root = np.multiply(terms.probability, z.dtype.type(terms.total), out=z[-1])
    np.sqrt(np.maximum(root, SMALLEST_MEAN, out=root), out=root)
    centre = terms.centre.astype(z.dtype)
    if z.nbytes <= NEAR_BYTES:
        np.multiply(np.subtract(X, centre[:, None], out=z[:-1]), root, out=z[:-1])
    else:
        for x, middle, out in zip(X, centre, z, strict=False):
            np.multiply(np.subtract(x, middle, out=out), root, out=out)  # a row stays near the processor
    root[at] -= y / root[at]


def add_cells(sums: Floats, Z: Floats) -> None:
    """Add to ``sums`` (D, p + 1, p) the products sum_b z z' of Z (B, p + 1, D): information, and last minus the scores.

    A few dyads at a time are put in one place, (B, p + 1) for each, that stays near the processor.
    """
    B, p, D = Z.shape
    near = np.empty((min(D, DYADS), B, p), dtype=Z.dtype)
    products = np.empty((len(near), p, p - 1), dtype=Z.dtype)
    for start in range(0, D, DYADS):
        some = slice(start, min(D, start + DYADS))
        z, out = (room[: some.stop - start] for room in (near, products))
        np.copyto(z, Z[:, :, some].transpose(2, 0, 1))
        sums[some] += np.matmul(z.transpose(0, 2, 1), z[:, :, :-1], out=out)


def chunks_of(p: int, D: int) -> tuple[tuple[slice, int], ...]:
    """Spans of D dyads and how many chunks each falls into, of one length: most in one span, the rest in another.

    >>> chunks_of(15, 9_000)
    ((slice(0, 8000, None), 2), (slice(8000, 9000, None), 1))
    """
    width = min(D, max(256, SMALL_PRODUCT // p**2))
    m = D // width
    spans = ((slice(0, m * width), m), (slice(m * width, D), 1))
    return spans if m * width < D else spans[:1]
