"""Terms net of dyad, sender-by-period and receiver-by-period effects: the linear systems of the within-pair model.

As in :mod:`tertius.model.within.ppml`, S = A'W M A, with A the incidence of actor-periods, W the weights and M the
removal of weighted dyad means.
"""

from __future__ import annotations

import numpy as np

from tertius.errors import NoConvergence
from tertius.model.within.panel import Floats, KeptCells

TIGHT = 1e-10
_NOISE = 1e-30


class Demeaner:
    """Solves S E = R for weights w (D, T), S = A'W M A: conjugate gradients, all columns at once.

    Holds w as a dense tensor [actor, period, actor] (directed: in both orientations), so that a product with S is a few
    batches of matrix products. The diagonal of S is the preconditioner; rows without information (an actor-period
    whose only dyad lives in this period only) are left at zero.
    """

    def __init__(self, panel: KeptCells) -> None:
        self._panel = panel
        shape = (panel.N, panel.T, panel.N)
        self._by_first = np.zeros(shape)
        self._by_second = np.zeros(shape) if panel.directed else self._by_first
        self._per_dyad = np.zeros((panel.N, panel.N, 1))

    def set_weights(self, w: Floats) -> None:
        """w (D, T) >= 0, zero where a cell is not kept."""
        P = self._panel
        self.w_dyad = w.sum(1)
        self.w_actor = P.incidence @ w
        reciprocal = np.divide(1.0, self.w_dyad, out=np.zeros_like(self.w_dyad), where=self.w_dyad > 0)
        diagonal = self.w_actor - P.incidence @ (w * w * reciprocal[:, None])
        informed = diagonal > 1e-10 * self.w_actor
        self._jacobi = np.divide(1.0, diagonal, out=np.zeros_like(diagonal), where=informed)[:, :, None]
        self._by_first[P.i, :, P.j] = w
        self._by_second[P.j, :, P.i] = w
        self._per_dyad[P.i, P.j, 0] = reciprocal
        if not P.directed:
            self._per_dyad[P.j, P.i, 0] = reciprocal
        self.reciprocal = reciprocal
        self._floor = _NOISE * float(self.w_dyad.sum())

    def right_side(self, wx: Floats, dyad_mean: Floats) -> Floats:
        """A'W M X (G, T, p) from wx (D, p, T) and the weighted dyad means (D, p)."""
        P = self._panel
        p = wx.shape[1]
        flat: Floats = P.incidence @ wx.reshape(P.D, p * P.T)
        return self.less_means(flat.reshape(P.G, p, P.T).transpose(0, 2, 1), dyad_mean)

    def less_means(self, sums: Floats, dyad_mean: Floats) -> Floats:
        """The sums by actor and period (G, T, p) less what the weighted dyad means (D, p) have in them, in place."""
        P = self._panel
        by_pair = np.zeros((P.N, P.N, dyad_mean.shape[1]))
        by_pair[P.i, P.j] = dyad_mean
        if P.directed:
            sums[: P.N] -= np.matmul(self._by_first, by_pair)
            sums[P.N :] -= np.matmul(self._by_second, by_pair.transpose(1, 0, 2))
            return sums
        by_pair[P.j, P.i] = dyad_mean
        sums -= np.matmul(self._by_first, by_pair)
        return sums

    def product(self, E: Floats) -> Floats:
        """S E for E (G, T, q)."""
        P, W, V = self._panel, self._by_first, self._by_second
        weighted: Floats = self.w_actor[:, :, None] * E
        if not P.directed:
            by_pair = np.matmul(W.transpose(0, 2, 1), E)
            by_pair = (by_pair + by_pair.transpose(1, 0, 2)) * self._per_dyad
            across = np.matmul(W.transpose(1, 0, 2), E.transpose(1, 0, 2)).transpose(1, 0, 2)
            weighted += across
            weighted -= np.matmul(W, by_pair)
            return weighted
        b, c = E[: P.N], E[P.N :]
        by_pair = np.matmul(W.transpose(0, 2, 1), b) + np.matmul(V.transpose(0, 2, 1), c).transpose(1, 0, 2)
        by_pair *= self._per_dyad
        weighted[: P.N] += np.matmul(W.transpose(1, 0, 2), c.transpose(1, 0, 2)).transpose(1, 0, 2)
        weighted[: P.N] -= np.matmul(W, by_pair)
        weighted[P.N :] += np.matmul(V.transpose(1, 0, 2), b.transpose(1, 0, 2)).transpose(1, 0, 2)
        weighted[P.N :] -= np.matmul(V, np.ascontiguousarray(by_pair.transpose(1, 0, 2)))
        return weighted

    def solve(self, R: Floats, E: Floats, tol: Floats, most: int = 500) -> tuple[Floats, int, Floats]:
        """E (G, T, q) from the start E, its iterations, and the relative residual reached by each column.

        tol (q,) is relative to the preconditioned norm of R; a residual at the level of rounding counts as zero.
        """
        jacobi = self._jacobi

        def norms(a: Floats, b: Floats) -> Floats:
            return np.asarray(np.einsum("gtq,gtq->q", a, b), dtype=np.float64)

        reference = norms(R, jacobi * R)
        goal = np.maximum(tol**2 * reference, self._floor)
        solved = E.copy()
        residual = R - self.product(E) if E.any() else R.copy()
        towards = jacobi * residual
        reached = norms(residual, towards)
        direction, size = towards.copy(), reached.copy()
        E, at = solved.copy(), np.arange(len(reached))  # the columns that are not solved yet, and which they are
        iterations = 0
        while iterations < most:
            going = size > goal[at]
            if not going.all():
                solved[:, :, at], reached[at] = E, size
                at, size = at[going], size[going]
                E, residual, direction = (x[:, :, going] for x in (E, residual, direction))
            if not len(at):
                break
            image = self.product(direction)
            curvature = norms(direction, image)
            curved = curvature > 0
            if not curved.any():
                break
            along = np.divide(size, curvature, out=np.zeros_like(size), where=curved)
            E += along * direction
            residual -= along * image
            towards = jacobi * residual
            new = norms(residual, towards)
            direction *= np.divide(new, size, out=np.zeros_like(size), where=curved)
            direction += towards
            size = new
            iterations += 1
        solved[:, :, at], reached[at] = E, size
        relative = np.sqrt(np.divide(reached, reference, out=np.zeros_like(reached), where=reference > 0))
        return solved, iterations, np.where(reached <= self._floor, 0.0, relative)


def moments(panel: KeptCells, w: Floats, demeaner: Demeaner) -> tuple[Floats, Floats]:
    """X'W M X (p, p) and A'W M X (G, T, p)."""
    p, T = panel.x.shape[1:]
    sums, gram, by_actor = np.empty((panel.D, p)), np.zeros((p, p)), np.zeros((panel.G, p, T))
    room = np.empty((panel.longest_run, p, T))
    for a, b in panel.runs:
        x = panel.x[a:b]
        wx = np.multiply(x, w[a:b, None, :], out=room[: b - a])
        wx.sum(2, out=sums[a:b])
        gram += np.matmul(wx, x.transpose(0, 2, 1)).sum(0)
        by_actor[panel.first[a]] += wx.sum(0)
        by_actor[panel.second[a:b]] += wx
    mean = sums * demeaner.reciprocal[:, None]
    return gram - sums.T @ mean, demeaner.less_means(by_actor.transpose(0, 2, 1), mean)


def subtract_effects(panel: KeptCells, x: Floats, E: Floats, w: Floats, demeaner: Demeaner) -> None:
    """x (D, p, T) minus its actor-by-period parts E and then its weighted dyad means, in place."""
    for k in range(x.shape[1]):
        part = x[:, k, :]
        part -= panel.spread(np.ascontiguousarray(E[:, :, k]))
        part -= (np.einsum("dt,dt->d", part, w) * demeaner.reciprocal)[:, None]
        part *= panel.live


def demean_terms(panel: KeptCells, mu: Floats, E: Floats) -> tuple[Floats, int]:
    """X demeaned tightly under the final weights (D, p, T), in place of panel.x; and the iterations it took."""
    if not panel.x.shape[1]:
        return panel.x, 0
    demeaner = Demeaner(panel)
    demeaner.set_weights(mu)
    _, R = moments(panel, mu, demeaner)
    E, spent, reached = demeaner.solve(R, E, np.full(R.shape[2], TIGHT))
    if reached.max() > 1e-7:
        raise NoConvergence(
            f"Terms could be demeaned to a relative accuracy of {reached.max():.0e} only; standard errors need 1e-07.",
            "Use fewer actors or longer periods: too few cells hold the fixed effects together.",
        )
    subtract_effects(panel, panel.x, E, mu, demeaner)
    return panel.x, spent
