"""A coefficient without each pair in turn: one step from the fit of all pairs, instead of a refit for every pair.

Leaving out the unordered dyad d takes its cells, and its effect, out of the likelihood. To first order the estimate
moves to beta - Delta_d with

    Delta_d = (H - H_d)^-1 U_d,      U_d = U_d(first) + U_d(second) - U_d at the estimate,

and H_d alike: each cell of d is lost to *both* its actor-periods, whose effects are estimated anew without it
(:class:`~tertius.model.robust.LeftOut` carries the score as it counts when one end is left out; to first order in the
shares of the two, the sum less the plain score is the score when both are).

The variance is that of the fit (the larger of actor jackknife and dyad-clustered) with the dyad taken out of every sum:
the others' information H - H_d; their scores at the new estimate, U + H Delta_d; the steps of actors, exactly for the
two actors of d, whose scores lose it, and to first order in H_d and Delta_d for the rest.

``scripts/without_pair.py`` holds it against refits. What it does not do: cells of other dyads that share an
actor-period with d move by second order, so that where few actors carry a period the step is too short.

Cost: D x N x p^2 multiplications. 19,701 pairs of 199 actors and 7 terms: about a second.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tertius.model.robust import LeftOut

Floats = NDArray[np.float64]
Integers = NDArray[np.integer]

BLOCK = 4096
"""Dyads at a time."""


@dataclass(frozen=True, slots=True)
class WithoutPair:
    """(D,) a contrast without each unordered dyad, and its standard error: NaN where the variance is not positive."""

    estimate: Floats
    se: Floats

    @property
    def z(self) -> Floats:
        """(D,) estimate / se."""
        return self.estimate / self.se


def without_each_pair(
    beta: Floats,
    contrast: Floats,
    U_d: Floats,
    H_d: Floats,
    left_out: LeftOut,
    i: Integers,
    j: Integers,
    N: int,
) -> WithoutPair:
    """The contrast of the coefficients, as a refit without each dyad would give it, to first order.

    Parameters
    ----------
    beta, contrast : (p,) the estimate, and the weights of the contrast.
    U_d, H_d, left_out, i, j, N : scores (D, p) and information (D, p, p) by unordered dyad, as of
        :func:`~tertius.model.robust.covariances`.

    Examples
    --------
    Three actors, one term, and no effects to be estimated anew:

    >>> U, H = np.array([[1.0], [-2.0], [1.0]]), np.full((3, 1, 1), 4.0)
    >>> found = without_each_pair(np.ones(1), np.ones(1), U, H, LeftOut(U, H, U, H), np.array([0, 0, 1]),
    ...                           np.array([1, 2, 2]), 3)
    >>> found.estimate.tolist()  # the second dyad pulled down: without it the estimate is 1 + 2 / 8
    [0.875, 1.25, 0.875]
    """
    D, p = U_d.shape
    H = H_d.sum(0)
    U_both = left_out.U_first + left_out.U_second - U_d
    H_both = left_out.H_first + left_out.H_second - H_d
    actors = _Actors.of(contrast, H, left_out, i, j, N)
    meat = U_d.T @ U_d
    twist = np.einsum("dp,dqr->pqr", U_d, H_d)
    square = np.einsum("dpq,drs->pqrs", H_d, H_d)
    sides = ((left_out.U_first, left_out.H_first), (left_out.U_second, left_out.H_second))
    own = [_steps(contrast, H, scores, information) ** 2 for scores, information in sides]
    of_dyads = float(sum(x.sum() for x in own)) / 2
    estimate, variance = np.empty(D), np.empty(D)
    for begin in range(0, D, BLOCK):
        at = slice(begin, min(begin + BLOCK, D))
        remaining = H - H_both[at]
        delta = np.linalg.solve(remaining, U_both[at, :, None])[..., 0]
        estimate[at] = beta @ contrast - delta @ contrast
        row = np.linalg.solve(H - H_d[at], np.broadcast_to(contrast, (len(delta), p))[..., None])[..., 0]
        shifted = U_d[at] + np.einsum("dpq,dq->dp", H_d[at], delta)
        moved = (
            meat
            + 2 * _symmetric(np.einsum("pqr,dr->dpq", twist, delta))
            + np.einsum("pqrs,dq,ds->dpr", square, delta, delta)
        )
        clustered = np.einsum("dp,dpq,dq->d", row, moved, row) - np.einsum("dp,dp->d", row, shifted) ** 2
        jackknife = actors.sum_of_squares(at, delta, H_d[at]) - (of_dyads - (own[0][at] + own[1][at]) / 2)
        variance[at] = np.maximum(clustered, jackknife)
    with np.errstate(invalid="ignore"):
        return WithoutPair(estimate, np.where(variance > 0, np.sqrt(variance), np.nan))


def _symmetric(M: Floats) -> Floats:
    return np.asarray((M + M.transpose(0, 2, 1)) / 2)


def _steps(contrast: Floats, H: Floats, U: Floats, information: Floats) -> Floats:
    """(n,) contrast of the steps (H - H_c)^-1 U_c."""
    return np.asarray(np.linalg.solve(H - information, U[..., None])[..., 0] @ contrast)


@dataclass(frozen=True, slots=True)
class _Actors:
    """The leave-one-actor-out steps of the fit, and how they move when a dyad goes. N actors, D dyads, p terms.

    Attributes
    ----------
    contrast, H : (p,) and (p, p).
    U, information : (N, p), (N, p, p) of each actor, as they count without it.
    step : (N, p) steps.
    row : (N, p) contrast' (H - H_a)^-1.
    left_out, i, j : by dyad.
    """

    contrast: Floats
    H: Floats
    U: Floats
    information: Floats
    step: Floats
    row: Floats
    left_out: LeftOut
    i: Integers
    j: Integers

    @classmethod
    def of(cls, contrast: Floats, H: Floats, left_out: LeftOut, i: Integers, j: Integers, N: int) -> _Actors:
        p = len(contrast)
        U, information = np.zeros((N, p)), np.zeros((N, p, p))
        for ends, scores, informations in (
            (i, left_out.U_first, left_out.H_first),
            (j, left_out.U_second, left_out.H_second),
        ):
            np.add.at(U, ends, scores)
            np.add.at(information, ends, informations)
        remaining = H - information
        step = np.linalg.solve(remaining, U[..., None])[..., 0]
        row = np.linalg.solve(remaining, np.broadcast_to(contrast, U.shape)[..., None])[..., 0]
        return cls(contrast, H, U, information, np.asarray(step), np.asarray(row), left_out, i, j)

    def sum_of_squares(self, at: slice, delta: Floats, H_d: Floats) -> Floats:
        """(B,) sum over actors of the squared contrast of their steps, without each dyad of a block.

        delta (B, p) is how far the estimate moves, H_d (B, p, p) the dyads' information.
        """
        n, p = self.U.shape
        outer = (self.row[:, :, None] * self.step[:, None, :]).reshape(n, p * p)
        lever = np.einsum("np,npq->nq", self.row, self.information)
        q = (self.step @ self.contrast)[:, None] + outer @ H_d.reshape(len(H_d), p * p).T + lever @ delta.T
        b = np.arange(len(delta))
        parts = (
            (self.i[at], self.left_out.U_first[at], self.left_out.H_first[at]),
            (self.j[at], self.left_out.U_second[at], self.left_out.H_second[at]),
        )
        for ends, U, information in parts:
            kept = self.information[ends] - information
            score = self.U[ends] - U + np.einsum("bpq,bq->bp", kept, delta)
            q[ends, b] = np.linalg.solve(self.H - H_d - kept, score[..., None])[..., 0] @ self.contrast
        return np.asarray((q**2).sum(0))
