"""What one within-pair fit gives without another: a Newton step along further terms, and means of other cells."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tertius.errors import NoConvergence
from tertius.model.within.demean import TIGHT, Demeaner, moments, subtract_effects
from tertius.model.within.newton import log_mean
from tertius.model.within.panel import Booleans, Floats, Integers, KeptCells, Terms, kept_cells, unordered
from tertius.model.within.ppml import LARGEST_SHARE, fit_ppml

_AGREE = 1e-6  # of two solutions, in log mu
_COLUMNS = 5  # solved at once


@dataclass(frozen=True, slots=True)
class Step:
    """One Newton step from an optimum along p further terms. D unordered dyads.

    Attributes
    ----------
    beta : (p,) the step: to first order, the coefficients that a refit with these terms would give.
    U_d : (D, p) score of each unordered dyad after the step, to first order.
    H_d : (D, p, p) information of each unordered dyad.
    i, j : (D,) ends, i < j.
    N : number of actors.
    """

    beta: Floats
    U_d: Floats
    H_d: Floats
    i: Integers
    j: Integers
    N: int


class OneStep:
    """What many sets of terms would each add to one fit: a warm-started Newton step instead of a refit.

    The effects and the terms of the fit are projected out of the new terms under the fit's weights, to a relative
    accuracy of 1e-4. Reads its arrays only: steps may run in several threads at once.

    Parameters
    ----------
    Y, held, directed, mask : as for :func:`fit_ppml`; ``held`` (q, T, N, N) are the terms that the fit holds.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> x = rng.normal(size=(2, 30, 12, 12))
    >>> Y = rng.poisson(np.exp(0.1 * x[1])).astype(float)
    >>> step = OneStep(Y, x[:1], directed=True).step(x[1:])
    >>> bool(abs(step.beta[0] - fit_ppml(Y, x, directed=True).beta[1]) < 0.01)
    True
    """

    def __init__(self, Y: Floats, held: Terms, *, directed: bool, mask: Booleans | None = None) -> None:
        fit = fit_ppml(Y, held, directed=directed, mask=mask)
        empty = np.empty((0, *Y.shape))
        panel = kept_cells(Y, empty, fit.kept & ~np.eye(fit.N, dtype=bool), directed, ())[0]
        self._panel = panel
        self._mu = np.ascontiguousarray(fit.mu[:, panel.i, panel.j].T)
        self._residual = panel.y - self._mu
        self._demeaner = Demeaner(panel)
        self._demeaner.set_weights(self._mu)
        self._held = self._demeaned(held, 1e-6)
        self._gram = self._product(self._held, self._held)

    def step(self, X: Floats) -> Step:
        """The step along X (p, T, N, N), finite, symmetric if undirected."""
        x = self._demeaned(X, 1e-4)
        if len(self._gram):
            x -= np.matmul(np.linalg.solve(self._gram, self._product(self._held, x)).T, self._held)
        P = self._panel
        H = np.matmul(x * self._mu[:, None, :], x.transpose(0, 2, 1))
        score = np.matmul(x, self._residual[:, :, None])[..., 0]
        beta = np.linalg.lstsq(H.sum(0), score.sum(0), rcond=None)[0]
        i, j, U, H = unordered(P, score - H @ beta, H)
        return Step(beta, U, H, i, j, P.N)

    def _demeaned(self, X: Terms, accuracy: float) -> Floats:
        P = self._panel
        x = np.empty((P.D, len(X), P.T))
        for k, term in enumerate(X):
            np.multiply(term[:, P.i, P.j].T, P.live, out=x[:, k, :])
        if not len(X):
            return x
        own = KeptCells(P.y, x, P.live, P.i, P.j, P.N, P.directed)
        _, R = moments(own, self._mu, self._demeaner)
        E, _, _ = self._demeaner.solve(R, np.zeros_like(R), np.full(len(X), accuracy))
        subtract_effects(own, x, E, self._mu, self._demeaner)
        return x

    def _product(self, a: Floats, b: Floats) -> Floats:
        return np.asarray(np.matmul(a * self._mu[:, None, :], b.transpose(0, 2, 1)).sum(0))


class Imputation:
    """Means of cells that were not fitted, from the effects of those that were; the fit has no terms.

        mu_tij = exp(a_ij + b_it + c_jt)      for every cell whose three effects the fitted cells identify

    The effects are read back from the fitted means, log mu = a + b + c, a linear system that is consistent and not of
    full rank. It is solved from two starts, one of them random: a mean on which the two agree does not depend on what
    the fit cannot know, and the others are NaN. A dyad that was silent in all cells fitted has the mean 0, as its
    maximum likelihood has it, and so has an actor-period; leaving them out instead would keep the lucky half of those
    that are seldom active, and impute too much.

    Attributes
    ----------
    mean : (T, N, N) fitted where fitted, imputed elsewhere, NaN where not identified; mirrored if undirected.
    fit : the fit.

    Parameters
    ----------
    Y, directed, mask : as for :func:`fit_ppml`; ``mask`` (T, N, N) holds the cells to be fitted.

    Raises
    ------
    As :func:`fit_ppml`.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> a, b = rng.normal(size=(12, 12)), rng.normal(size=(30, 12))
    >>> mean = np.exp(1 + a + b[:, :, None] + b[:, None, :])
    >>> seen = rng.random(mean.shape) < 0.8
    >>> found = Imputation(mean, directed=True, mask=seen)
    >>> away = ~np.eye(12, dtype=bool)
    >>> bool(np.allclose(found.mean[:, away], mean[:, away], rtol=1e-6))
    True
    """

    def __init__(self, Y: Floats, *, directed: bool, mask: Booleans) -> None:
        no_terms = np.empty((0, *Y.shape))
        self.fit = fit_ppml(Y, no_terms, directed=directed, mask=mask)
        kept = self.fit.kept
        self._panel = P = kept_cells(Y, no_terms, kept & ~np.eye(self.fit.N, dtype=bool), directed, ())[0]
        self._mu = np.ascontiguousarray(self.fit.mu[:, P.i, P.j].T)
        self._demeaner = Demeaner(P)
        eta, agreed = self._everywhere()
        self.mean = self._means(np.where(agreed, np.exp(np.minimum(eta, 700.0)), np.nan), Y, mask)
        self._demeaner.set_weights(self._mu)

    def _everywhere(self) -> tuple[Floats, Booleans]:
        """log mu (D, T) of all cells of the fitted dyads, and where two solutions agree."""
        P, demeaner = self._panel, self._demeaner
        seen = P.live.astype(np.float64)
        demeaner.set_weights(seen)
        log_mu = log_mean(self._mu) * seen
        R = demeaner.right_side(log_mu[:, None, :], log_mu.sum(1, keepdims=True) * demeaner.reciprocal[:, None])
        starts = np.zeros((*R.shape[:2], 2))
        starts[:, :, 1] = np.random.default_rng(0).normal(size=R.shape[:2])
        E, _, reached = demeaner.solve(np.repeat(R, 2, axis=2), starts, np.full(2, TIGHT), most=2000)
        if reached.max() > 1e-7:
            raise NoConvergence(
                f"The effects could be read back to a relative accuracy of {reached.max():.0e} only.",
                "Use fewer actors or longer periods: too few cells hold the fixed effects together.",
            )

        def predicted(e: Floats) -> Floats:
            part = P.spread(np.ascontiguousarray(e)).copy()
            return np.asarray(part + (((log_mu - part) * seen).sum(1) * demeaner.reciprocal)[:, None])

        one, other = predicted(E[:, :, 0]), predicted(E[:, :, 1])
        return one, np.abs(one - other) < _AGREE

    def _means(self, imputed: Floats, Y: Floats, mask: Booleans) -> Floats:
        """(T, N, N) from (D, T), with the zeros of what was silent."""
        P, kept = self._panel, self.fit.kept
        seen = mask & ~np.eye(P.N, dtype=bool)

        def some(cells: Booleans, axis: int) -> Booleans:
            return np.asarray(cells.any(axis=axis), dtype=np.bool_)

        active, sends, receives = some(kept, 0), some(kept, 2), some(kept, 1)
        silent = some(seen & sends[:, :, None] & receives[:, None, :], 0) & ~active
        quiet_sender = some(seen & active, 2) & ~sends
        quiet_receiver = some(seen & active, 1) & ~receives
        known = (active | silent) & (sends | quiet_sender)[:, :, None] & (receives | quiet_receiver)[:, None, :]
        zero = known & (silent | quiet_sender[:, :, None] | quiet_receiver[:, None, :])
        mean = np.where(zero, 0.0, np.nan)
        spread = np.full(mean.shape, np.nan)
        spread[:, P.i, P.j] = imputed.T
        if not P.directed:
            spread[:, P.j, P.i] = imputed.T
        mean = np.where(known & ~zero, spread, mean)
        return np.where(kept, self.fit.mu, mean)

    def carried(self, t: Integers, i: Integers, j: Integers, group: Integers, groups: int) -> tuple[Floats, Floats]:
        """How the fitted cells' residuals enter sums of imputed means, to first order.

        Parameters
        ----------
        t, i, j : cells with an imputed mean (undirected: i < j).
        group : which of the ``groups`` sums a cell belongs to.

        Returns
        -------
        (groups, N, N) the part of each unordered dyad (i < j) in the error of each sum; and (groups, N) by how much
        each sum falls, beyond its own cells, when an actor is left out: the effects of the others are estimated anew,
        with the residual divided by what their actor-period keeps (as in the jackknife of the fit).
        """
        P, demeaner = self._panel, self._demeaner
        place = np.full((P.N, P.N), -1)
        place[P.i, P.j] = np.arange(P.D)
        d, weight = place[i, j], self.mean[t, i, j]
        some = (d >= 0) & (weight > 0)
        t, d, group, weight = t[some], d[some], group[some], weight[some]
        residual = P.y - self._mu
        sums = P.incidence @ self._mu
        first, second = (
            residual / (1 - np.minimum(np.divide(self._mu, s, out=np.zeros_like(s), where=s > 0), LARGEST_SHARE))
            for s in (sums[P.first], sums[P.second])
        )
        low, high = np.minimum(P.i, P.j), np.maximum(P.i, P.j)
        own, without = np.zeros((groups, P.N, P.N)), np.zeros((groups, P.N))
        for begin in range(0, groups, _COLUMNS):
            columns = range(begin, min(begin + _COLUMNS, groups))
            by_dyad = np.zeros((P.D, len(columns)))
            by_actor = np.zeros((P.G, P.T, len(columns)))
            for at, k in enumerate(columns):
                mine = group == k
                np.add.at(by_dyad[:, at], d[mine], weight[mine])
                for ends in (P.first, P.second):
                    np.add.at(by_actor[:, :, at], (ends[d[mine]], t[mine]), weight[mine])
            nothing = np.zeros((P.D, len(columns), P.T))
            R = by_actor + demeaner.right_side(nothing, by_dyad * demeaner.reciprocal[:, None])
            E, _, _ = demeaner.solve(R, np.zeros_like(R), np.full(len(columns), 1e-7))
            for at, k in enumerate(columns):
                e = np.ascontiguousarray(E[:, :, at])
                total = np.zeros(P.D)
                for ends, left, corrected in ((P.second, P.i, second), (P.first, P.j, first)):
                    part = e[ends]
                    part -= ((part * self._mu).sum(1) * demeaner.reciprocal)[:, None]
                    total += (part * residual).sum(1)
                    np.add.at(without[k], left, (part * corrected * P.live).sum(1))
                np.add.at(own[k], (low, high), total)
        return own, without
