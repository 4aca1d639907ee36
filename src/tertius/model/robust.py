"""Variance of coefficients when pairs that share an actor are not independent.

Let d run over unordered dyads, U_d (p,) be the score and H_d (p, p) the information of dyad d at the estimate, U_a
and H_a the sums over the dyads that contain actor a, and H = sum_d H_d. Four covariances of the same p
coefficients:

    model            H^-1, times Pearson's phi if the likelihood is a quasi-likelihood
    dyad_clustered   H^-1 (sum_d U_d U_d') H^-1
    dyadic           H^-1 (sum_a U_a U_a' - sum_d U_d U_d') H^-1
    jackknife        sum_a delta_a delta_a' - sum_d delta_d delta_d',
                     delta_a = (H - H_a)^-1 U_a,  delta_d = (H - H_d)^-1 U_d   (but see fixed effects below)

``dyadic`` allows two dyads to covary if they share an actor (Aronow, Samii & Assenova 2015,
doi:10.1093/pan/mpv018); the sum over dyads takes back what the sum over actors counts twice, and it must run over
*unordered* dyads. ``jackknife`` is its leave-one-actor-out form in one Newton step (in the manner of CR3:
MacKinnon, Nielsen & Webb 2023, doi:10.1002/jae.2969): an actor with much leverage pulls the estimate towards itself
and so shrinks its own residuals, which ``dyadic`` takes at face value and ``jackknife`` does not. With few, unequal
actors it is the default.

Both differences can be negative, being differences of two estimates. A negative variance is returned as it is, its
standard error is NaN, and :func:`remarks` names the terms.

In a model with fixed effects, leaving out actor a also moves the effects of the actors that stay: each has one cell
less in every period. :class:`LeftOut` carries the scores and information of a dyad as they then count, one for each of
its two ends; U_a and H_a are their sums, and of the two delta_d delta_d' of a dyad the mean is taken back. The steps
so made are near those of refits without each actor where actors are not too unequal; those made of the scores at the
estimate are too short, and their jackknife undercovers (``scripts/leave_one_out.py``, ``scripts/coverage_within.py``).

If one actor carries all the information on a term, H - H_a is singular and the estimate without that actor does not
exist: the term's jackknife entries are NaN, and ``sole_carriers`` holds (term, actor). The other terms stay,
because a term that is zero in every direction without information has the same value in all solutions.

Not done here: factors for degrees of freedom (N / (N - 1) and the like), dependence between dyads without a common
actor.

Cost: D solves of size p, in blocks. 20,000 dyads and 15 terms: .2 s, and 30 MB beside the input.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tertius.language import joined, say

Floats = NDArray[np.float64]
Integers = NDArray[np.integer]

NO_INFORMATION = 1e-9
"""Share of a direction's information that must be left without an actor, or there counts as none."""

_NEEDS_A_LOOK = 0.5
_TOUCHED = 1e-5
_BLOCK = 4096


@dataclass(frozen=True, slots=True)
class Covariances:
    """Four covariances of the same p coefficients, each (p, p), in squared units of the coefficients.

    Attributes
    ----------
    model : (p, p), H^-1 times phi. Right only if the model is.
    dyad_clustered : (p, p), any dependence within an unordered dyad.
    dyadic : (p, p), any dependence between dyads with a common actor. Its diagonal can be negative.
    jackknife : (p, p), the same by leaving out actors, one step. The default. Can be negative, or NaN where
        ``sole_carriers`` says so.
    sole_carriers : pairs (term, actor), both indices: without the actor there is no information on the term.
    collinear : terms (indices) on which H itself has no information; NaN in all four.
    """

    model: Floats
    dyad_clustered: Floats
    dyadic: Floats
    jackknife: Floats
    sole_carriers: tuple[tuple[int, int], ...] = ()
    collinear: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Scores (D, p) and information (D, p, p) of each unordered dyad as they count when something is left out.

    Where a model has effects that stay and are estimated anew without the dyad's cells, leaving out moves the estimate
    by more than the dyad's own score says. ``first`` and ``second``: without the dyad's end i, or j.
    """

    U_first: Floats
    H_first: Floats
    U_second: Floats
    H_second: Floats


def covariances(
    U_d: Floats,
    H_d: Floats,
    i: Integers,
    j: Integers,
    N: int,
    *,
    phi: float = 1.0,
    left_out: LeftOut | None = None,
) -> Covariances:
    """The four covariances from scores and information by unordered dyad.

    Parameters
    ----------
    U_d : (D, p) score of each unordered dyad at the estimate (of the demeaned or centred design).
    H_d : (D, p, p) information of each unordered dyad, symmetric and positive semidefinite; their sum is H.
    i, j : (D,) the two ends, indices below N. Each unordered dyad once.
    N : number of actors. Actors without a dyad change nothing.
    phi : Pearson's dispersion, for a quasi-likelihood; scales ``model`` alone.
    left_out : for the jackknife, in models with fixed effects; None: the scores and information given.

    Raises
    ------
    ValueError : shapes that do not belong together, an actor out of range, a dyad that occurs twice.

    Examples
    --------
    Three actors, one term; the second dyad pulls against the other two.

    >>> U = np.array([[1.0], [-2.0], [1.0]])
    >>> V = covariances(U, np.full((3, 1, 1), 4.0), np.array([0, 0, 1]), np.array([1, 2, 2]), 3)
    >>> round(float(V.model[0, 0]), 6), round(float(V.dyad_clustered[0, 0]), 6)
    (0.083333, 0.041667)
    >>> round(float(V.jackknife[0, 0]), 6)
    0.28125
    """
    from scipy.sparse import csr_array

    D, p = U_d.shape
    i, j = np.asarray(i), np.asarray(j)
    _check(U_d, H_d, i, j, N)
    H = H_d.sum(0)
    root, collinear = whitener(H)
    white_scores = U_d @ root
    by_actor = csr_array((np.ones(2 * D), (np.concatenate([i, j]), np.tile(np.arange(D), 2))), shape=(N, D))
    actor_scores = by_actor @ white_scores
    actor_information = np.asarray(by_actor @ H_d.reshape(D, p * p)).reshape(N, p, p)
    left = left_out or LeftOut(U_d, H_d, U_d, H_d)
    spread, no_information = _spread(left, H_d, actor_information, root, i, j)
    return unwhitened(
        H,
        root,
        collinear,
        model=np.eye(root.shape[1]) * phi,
        dyads=white_scores.T @ white_scores,
        actors=actor_scores.T @ actor_scores,
        spread=spread,
        no_information=no_information,
    )


def _spread(
    left: LeftOut, H_d: Floats, actor_information: Floats, root: Floats, i: Integers, j: Integers
) -> tuple[Floats, list[tuple[int, Floats]]]:
    """Squared leave-out steps (r, r) of actors less those of dyads; actors without whom there is no information."""
    from scipy.sparse import csr_array

    (D, p, _), N = H_d.shape, len(actor_information)
    of_i, of_j = (csr_array((np.ones(D), (ends, np.arange(D))), shape=(N, D)) for ends in (i, j))
    without_scores = np.asarray(of_i @ left.U_first + of_j @ left.U_second) @ root
    without_information = np.asarray(
        of_i @ left.H_first.reshape(D, p * p) + of_j @ left.H_second.reshape(D, p * p)
    ).reshape(N, p, p)
    steps_actors, no_information = leave_out(without_scores, without_information, root, actor_information)
    # a dyad that carries a term alone does so through both its actors, so what is singular here is known already
    spread = steps_actors.T @ steps_actors
    for scores, information in ((left.U_first, left.H_first), (left.U_second, left.H_second)):
        steps_dyads, _ = leave_out(scores @ root, information, root, H_d)
        spread -= steps_dyads.T @ steps_dyads / 2  # each dyad stands in the steps of both its ends
    return spread, no_information


def unwhitened(
    H: Floats,
    root: Floats,
    collinear: NDArray[np.bool_],
    *,
    model: Floats,
    dyads: Floats,
    actors: Floats,
    spread: Floats,
    no_information: list[tuple[int, Floats]],
) -> Covariances:
    """The covariances from their parts in the coordinates of :func:`whitener`, each (r, r).

    Parameters
    ----------
    H : (p, p) information; ``root`` (p, r) and ``collinear`` (p,) are its whitener.
    model : the model's covariance.
    dyads, actors : sums of squared scores by dyad and by actor.
    spread : squared leave-out steps of actors less those of dyads.
    no_information : actors without whom there is no information, and on which directions, as of :func:`leave_out`.
    """

    def back(V: Floats) -> Floats:
        V = root @ V @ root.T
        V = (V + V.T) / 2
        V[collinear, :] = np.nan
        V[:, collinear] = np.nan
        return V

    jackknife = back(spread)
    scale = np.sqrt(np.diag(H))
    carriers: list[tuple[int, int]] = []
    for actor, directions in no_information:
        touched = np.abs(root @ directions) * scale[:, None]
        terms = np.flatnonzero((touched > _TOUCHED * touched.max(0)).any(1))
        carriers.extend((int(k), actor) for k in terms if not collinear[k])
        jackknife[terms, :] = np.nan
        jackknife[:, terms] = np.nan
    return Covariances(
        model=back(model),
        dyad_clustered=back(dyads),
        dyadic=back(actors - dyads),
        jackknife=jackknife,
        sole_carriers=tuple(sorted(carriers)),
        collinear=tuple(int(k) for k in np.flatnonzero(collinear)),
    )


def standard_errors(V: Floats) -> Floats:
    """(p,) square roots of the diagonal of V (p, p); NaN where the variance is negative or NaN, never zero instead.

    >>> standard_errors(np.array([[4.0, 0.0], [0.0, -1e-3]]))
    array([ 2., nan])
    """
    variance = np.diagonal(V)
    return np.sqrt(np.where(variance >= 0, variance, np.nan))


def negative_variances(V: Floats) -> tuple[int, ...]:
    """Terms (indices) whose variance is negative.

    >>> negative_variances(np.array([[4.0, 0.0], [0.0, -1e-3]]))
    (1,)
    """
    return tuple(int(k) for k in np.flatnonzero(np.diagonal(V) < 0))


def contrast_variance(cov: Covariances, L: ArrayLike) -> Floats:
    """Variance of L beta: the larger of the actor jackknife and the dyad-clustered variance.

    Parameters
    ----------
    L : (p,) one contrast, or (m, p) m of them.

    Returns
    -------
    () or (m,) array. NaN if a term with a weight in L has a NaN variance (a term with weight zero does not matter);
    negative only if both are.

    >>> V = np.diag([4.0, 1.0])
    >>> float(contrast_variance(Covariances(V, V, V, V / 2), [1.0, -1.0]))
    5.0
    """
    rows = np.asarray(L, dtype=np.float64)

    def quadratic(V: Floats) -> Floats:
        unknown = np.isnan(V)
        value = np.einsum("...k,kl,...l->...", rows, np.where(unknown, 0.0, V), rows)
        used = rows != 0
        touched = np.einsum("...k,kl,...l->...", used.astype(float), unknown.astype(float), used.astype(float))
        return np.where(touched > 0, np.nan, value)

    return np.asarray(np.maximum(quadratic(cov.jackknife), quadratic(cov.dyad_clustered)))


def remarks(cov: Covariances, names: Sequence[str], actors: Sequence[str] | None = None) -> tuple[str, ...]:
    """What a reader must know about these covariances, in sentences; empty if nothing.

    Parameters
    ----------
    names : p names of terms.
    actors : N names of actors (None: their indices).

    >>> V = np.array([[-1.0]])
    >>> remarks(Covariances(-V, -V, V, -V), ["inertia"])[0][:66]
    'The dyadic-robust variance of inertia is negative, so that its sta'
    """
    said: list[str] = []
    if cov.collinear:
        listed = joined((names[k] for k in cov.collinear), ", ")
        said.append(
            say(
                "No standard error for {listed}: the data cannot tell these terms apart from each other.", listed=listed
            )
        )
    by_actor: dict[int, list[int]] = {}
    for term, actor in cov.sole_carriers:
        by_actor.setdefault(actor, []).append(term)
    for actor, terms in by_actor.items():
        who = actors[actor] if actors is not None else say("actor {actor}", actor=actor)
        listed = joined((names[k] for k in terms), ", ")
        said.append(
            say(
                "No jackknife standard error for {listed}: {who} carries all the information on it, and without {who} "
                "there is no estimate.",
                listed=listed,
                who=who,
            )
        )
    for kind, V in ((say("dyadic-robust"), cov.dyadic), (say("actor-jackknife"), cov.jackknife)):
        negative = negative_variances(V)
        if negative:
            listed = joined((names[k] for k in negative), ", ")
            said.append(
                say(
                    "The {kind} variance of {listed} is negative, so that its standard error does not exist (it is "
                    "not zero): dyads that share an actor move against each other, or the actors are too few. Use "
                    "the dyad-clustered standard error.",
                    kind=kind,
                    listed=listed,
                )
            )
    return tuple(said)


def _check(U_d: Floats, H_d: Floats, i: Integers, j: Integers, N: int) -> None:
    D, p = U_d.shape
    if H_d.shape != (D, p, p) or i.shape != (D,) or j.shape != (D,):
        raise ValueError(f"shapes do not belong together: U_d {U_d.shape}, H_d {H_d.shape}, i {i.shape}, j {j.shape}")
    if D == 0:
        return
    if min(i.min(), j.min()) < 0 or max(i.max(), j.max()) >= N or (i == j).any():
        raise ValueError(f"the ends of a dyad are two different actors with indices from 0 to {N - 1}")
    if np.unique(np.minimum(i, j).astype(np.int64) * N + np.maximum(i, j)).size != D:
        raise ValueError("a dyad occurs twice: sum scores and information over both directions first")


def whitener(H: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    """R (p, r) with R R' the (pseudo-)inverse of H, scaled to a unit diagonal; and (p,) terms H does not know."""
    diagonal = np.diag(H)
    scale = np.where(diagonal > 0, diagonal, 1.0) ** -0.5
    eigenvalues, Q = np.linalg.eigh(H * scale[:, None] * scale)
    known = eigenvalues > NO_INFORMATION * 1e-3
    lost = np.abs(Q[:, ~known])
    collinear = (lost > _TOUCHED).any(1) if lost.size else np.zeros(len(H), dtype=bool)
    return np.asarray(scale[:, None] * Q[:, known] / np.sqrt(eigenvalues[known])), collinear


def leave_out(
    scores: Floats, information: Floats, root: Floats, own: Floats
) -> tuple[Floats, list[tuple[int, Floats]]]:
    """Steps (I - G_c)^-1 u_c of n clusters (n, r), G_c = R' H_c R, u_c = R' U_c; and (c, directions) where singular.

    ``information`` may count more than a cluster's ``own`` (:class:`LeftOut`); where it exceeds what there is, the
    cluster's own is used.

    The eigenvalues of I - G_c lie between 1 - trace(G_c) and 1, and over clusters the traces sum to r (dyads) or 2 r
    (actors): all but a few clusters are far from singular, and only those few are decomposed.
    """
    n, r = scores.shape
    steps = np.empty((n, r))
    singular: list[tuple[int, Floats]] = []
    unit = np.eye(r)
    for first in range(0, n, _BLOCK):
        block = slice(first, first + _BLOCK)
        remaining = unit - root.T @ information[block] @ root
        near = np.flatnonzero(r - np.trace(remaining, axis1=1, axis2=2) > _NEEDS_A_LOOK)
        held = remaining[near]
        remaining[near] = unit
        steps[block] = np.linalg.solve(remaining, scores[block, :, None])[..., 0]
        for at, matrix in zip(near, held, strict=True):
            eigenvalues, Q = np.linalg.eigh((matrix + matrix.T) / 2)
            if eigenvalues[0] <= NO_INFORMATION:
                matrix = unit - root.T @ own[first + at] @ root
                eigenvalues, Q = np.linalg.eigh((matrix + matrix.T) / 2)
            known = eigenvalues > NO_INFORMATION
            steps[first + at] = (Q[:, known] / eigenvalues[known]) @ (Q[:, known].T @ scores[first + at])
            if not known.all():
                singular.append((int(first + at), Q[:, ~known]))
    return steps, singular
