"""The bound from a semidefinite programme, for two camps: dense blocks, where there are too many cycles.

s' W s over s in {-1, 1}^n is at most the maximum of sum_uv w_uv <v_u, v_v> over unit vectors (Delorme & Poljak 1993,
doi:10.1007/BF01585184; Goemans & Williamson 1995, doi:10.1145/227683.227684). It is sought with vectors of low rank
(Burer & Monteiro 2003, doi:10.1007/s10107-002-0352-8) by steps v_u <- unit(sum_v w_uv v_v + c_u v_u), accelerated; at
the end d_u = <v_u, sum_v w_uv v_v> is its dual: diag(d) - W is positive semidefinite, and sum(d) the bound. Where it is
not quite, d is raised by its smallest eigenvalue. For a partition s that is far better than others d_u = s_u (W s)_u
proves it at once, and so for graphs drawn around
two camps (Bandeira 2018, doi:10.1007/s10208-016-9341-9).

The bound is computed from the diagonal in whole numbers, and counts only where the matrix is proven positive definite.
"""

from __future__ import annotations

import numpy as np

from tertius.events.slices import Floats
from tertius.signed.frustration.certificate import positive_definite
from tertius.signed.frustration.cycles import OVER
from tertius.signed.frustration.problem import Problem
from tertius.signed.frustration.proof import Bound, Nothing, Proof

RANK = 14
STEPS, CHECKED = 120, 10
MARGIN, RAISES = 1e-7, 4
Dual = tuple[int, Proof]
"""A bound in parts of 1 / OVER, and its proof."""


def at_once(problem: Problem, s: Floats) -> Dual:
    """The bound that a partition proves of itself: d_u = s_u (W s)_u."""
    W = problem.dense()
    return _dual(problem, W, s * (W @ s))


def semidefinite(problem: Problem, s: Floats, rng: np.random.Generator) -> tuple[Dual, Floats]:
    """The bound of the semidefinite programme, sought from the partition ``s``, and the signs that it leans to."""
    W = problem.dense()
    V = np.zeros((problem.n, min(RANK, problem.n)))
    V[:, 0] = s
    V = _ascend(W, _unit(V + 0.3 * rng.normal(size=V.shape) / np.sqrt(V.shape[1])), STEPS)
    leading = np.linalg.eigh(V.T @ V)[1][:, -1]
    return _dual(problem, W, np.einsum("ij,ij->i", W @ V, V)), np.where(V @ leading >= 0, 1.0, -1.0)


def _unit(V: Floats) -> Floats:
    norm = np.sqrt(np.einsum("ij,ij->i", V, V))
    return np.asarray(V / np.maximum(norm, 1e-300)[:, None])


def _ascend(W: Floats, V: Floats, steps: int) -> Floats:
    """So many steps uphill; where one went down, momentum is lost and steps become shorter."""
    before, momentum, caution, height = V, 0, 0.5, -np.inf
    damping = np.zeros(len(V))
    for step in range(steps):
        if step % CHECKED == 0:
            pull = W @ V
            now = float(np.einsum("ij,ij->", pull, V))
            if now < height - 1e-9 * abs(height):
                before, momentum, caution = V, 0, 2.0 * caution
            height = now
            d = np.sqrt(np.einsum("ij,ij->i", pull, pull))
            damping = caution * (d + 0.2 * d.mean())
        ahead = V + (momentum / (momentum + 3.0)) * (V - before)
        momentum += 1
        before, V = V, _unit(W @ ahead + damping[:, None] * ahead)
    return V


def _dual(problem: Problem, W: Floats, d: Floats) -> Dual:
    """The bound of a diagonal, raised until diag(d) - W is proven positive definite."""
    from scipy.linalg import eigvalsh

    M = -W * OVER
    here = np.arange(problem.n)
    M[here, here] = np.rint(d * OVER)
    lowest = float(eigvalsh(M, subset_by_index=[0, 0])[0])
    raised = np.ceil(max(0.0, -lowest) + MARGIN * OVER * float(np.abs(d).max(initial=1.0)) + 2.0)
    for _ in range(RAISES):
        M[here, here] = np.rint(d * OVER) + raised
        if positive_definite(M):
            break
        raised *= 4.0
    else:
        return 0, Nothing()
    diagonal = M[here, here].astype(np.int64)
    # half of all weight, as if every edge were half frustrated, less what the diagonal allows
    bound = (2 * OVER * int(np.abs(problem.w).sum()) - int(diagonal.sum())) // 4
    ids = tuple(problem.ids.tolist())
    return bound, Bound((), (), OVER, ids, tuple(diagonal.tolist()))
