"""The cells that the within-pair model keeps, as (dyad, period) arrays: what is left out, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from tertius.errors import BadValue, EmptyData, NotEnoughData
from tertius.language import plural, say

Floats = NDArray[np.float64]
Booleans = NDArray[np.bool_]
Integers = NDArray[np.int64]
Terms = Floats | Sequence[Floats]
Scalar = TypeVar("Scalar", np.float64, np.bool_)

CELLS_PER_EFFECT_TO_WARN = 3.0
CELLS_PER_EFFECT_TO_REFUSE = 2.0


@dataclass(frozen=True, slots=True)
class Dropped:
    """Cells that carry no information on beta, by reason; undirected cells are counted once.

    Attributes
    ----------
    missing : cells of the mask (periods not observed, cells left out by the caller).
    zero_dyads : cells of dyads whose outcomes are all zero.
    zero_actor_periods : cells of actors that have nothing but zeros in a period.
    combinations : cells separated by a combination of effects and terms.
    """

    missing: int
    zero_dyads: int
    zero_actor_periods: int
    combinations: int


class KeptCells:
    """The kept cells as (dyad, period) arrays: dyads with a positive outcome only, ordered if directed.

    Each dyad belongs to two rows of the actor-by-period effects e (G, T): its sender and N + its receiver if directed
    (G = 2 N), its two actors if not (G = N). ``runs`` are the spans [first, last) of dyads of one first actor, in whose
    order dyads lie; no second actor is twice in one.
    """

    def __init__(self, y: Floats, x: Floats, live: Booleans, i: Integers, j: Integers, N: int, directed: bool) -> None:
        from scipy.sparse import csr_array

        self.y, self.x, self.live = y, x, live
        self.i, self.j, self.N, self.directed = i, j, N, directed
        self.D, self.T = y.shape
        self.G = 2 * N if directed else N
        self.first, self.second = i, j + N if directed else j
        ends = np.concatenate([self.first, self.second])
        self.incidence = csr_array((np.ones(2 * self.D), (ends, np.tile(np.arange(self.D), 2))), shape=(self.G, self.D))
        self.y_dyad = y.sum(1)
        self.y_actor = self.incidence @ y
        self._buffer = np.empty_like(y)
        cuts = np.flatnonzero(np.diff(i)) + 1
        self.runs = tuple(pairwise([0, *cuts.tolist(), self.D]))
        self.longest_run = max(b - a for a, b in self.runs)

    @property
    def effects(self) -> int:
        """Dyads, and actors in a period, that have kept cells."""
        return int(self.live.any(1).sum()) + int((self.incidence @ self.live.astype(np.float64) > 0).sum())

    @property
    def redundant(self) -> int:
        """Effects that the others imply: an actor's mean over time, and a period's mean over actors."""
        rows = int((self.y_actor > 0).any(1).sum())
        return rows + self.T - 1 if self.directed else rows

    def spread(self, e: Floats) -> Floats:
        """(D, T) sum of the two actor-by-period effects of each cell. A buffer: valid until the next call."""
        np.take(e, self.first, axis=0, out=self._buffer, mode="clip")
        self._buffer += e[self.second]
        return self._buffer

    def means(self, eta: Floats) -> tuple[Floats, float]:
        """mu (D, T) with dyad sums as observed, and the log-likelihood less a constant. Centres eta in place."""
        eta -= eta.max(1, initial=-np.inf, where=self.live, keepdims=True)
        mu = np.exp(eta)
        mu *= self.live
        total = mu.sum(1)
        likelihood = float(np.vdot(self.y, eta)) - float(self.y_dyad @ np.log(total))
        mu *= (self.y_dyad / total)[:, None]
        return mu, likelihood

    def leave_out(self, cells: Booleans) -> None:
        """Take cells (D, T) with y = 0 out of the likelihood."""
        self.live &= ~cells
        self.x *= self.live[:, None, :]

    def tensor(self, values: NDArray[Scalar]) -> NDArray[Scalar]:
        """(D, T) values as a (T, N, N) tensor, zero elsewhere, mirrored if undirected."""
        into = np.zeros((self.T, self.N, self.N), dtype=values.dtype)
        into[:, self.i, self.j] = values.T
        if not self.directed:
            into[:, self.j, self.i] = values.T
        return into


def observed_cells(Y: Floats, X: Terms, mask: Booleans | None, names: tuple[str, ...]) -> Booleans:
    """(T, N, N) cells that may be read. Raises on shapes, T < 2 and N < 3."""
    if Y.ndim != 3 or Y.shape[1] != Y.shape[2] or any(x.shape != Y.shape for x in X) or len(names) != len(X):
        shapes = [x.shape for x in X]
        raise ValueError(f"shapes do not belong together: Y {Y.shape}, X {shapes}, {len(names)} names")
    if mask is not None and mask.shape not in ((len(Y),), Y.shape):
        raise ValueError(f"the mask has shape {mask.shape}: it must be (T,) or (T, N, N) with Y {Y.shape}")
    N = Y.shape[1]
    observed = np.broadcast_to(~np.eye(N, dtype=bool), Y.shape)
    if mask is not None:
        observed = observed & (mask[:, None, None] if mask.ndim == 1 else mask)
    n_periods = int(observed.any((1, 2)).sum())
    if N < 3:
        raise NotEnoughData(
            say("The within-pair model needs 3 actors, and there are {n}.", n=N), say("Widen --actors.")
        )
    if n_periods < 2:
        raise NotEnoughData(
            plural(
                "The within-pair model needs 2 periods, and {n} is observed.",
                "The within-pair model needs 2 periods, and {n} are observed.",
                n_periods,
            ),
            say("Use a shorter --period or a longer window."),
        )
    return observed


def kept_cells(
    Y: Floats, X: Terms, observed: Booleans, directed: bool, names: tuple[str, ...]
) -> tuple[KeptCells, int, int, int]:
    """The kept cells, and the number of cells left out: missing, of all-zero dyads, of all-zero actor-periods."""
    T, N, _ = Y.shape
    if directed:
        i, j = np.nonzero(~np.eye(N, dtype=bool))
    else:
        i, j = np.triu_indices(N, 1)
        seen = observed & observed.transpose(0, 2, 1)
        if not np.array_equal(Y[seen], Y.transpose(0, 2, 1)[seen]):
            raise BadValue("Y is not symmetric, though undirected.", "Pass directed=True, or add both directions.")
        middle = T // 2
        for name, x in zip(names, X, strict=True):
            if not np.array_equal(x[middle][seen[middle]], x[middle].T[seen[middle]]):
                raise BadValue(f"{name} is not symmetric, though undirected.", "Use the symmetric form of the term.")
        observed = seen
    flat = i * N + j

    def cells(tensor: NDArray[Scalar], dyads: Integers) -> NDArray[Scalar]:
        return np.ascontiguousarray(tensor.reshape(T, N * N).take(dyads, axis=1).T)

    live = cells(observed, flat).astype(bool)
    y = np.where(live, cells(Y, flat), 0.0).astype(np.float64)
    if not np.isfinite(y).all() or (y < 0).any():
        d, t = np.argwhere(~(np.isfinite(y) & (y >= 0)))[0]
        raise BadValue(
            f"The outcome of actors {i[d]} and {j[d]} in period {t} is {y[d, t]}.",
            "Outcomes are counts or weights, at least 0; leave missing cells out by the mask.",
        )
    if not y.any():
        raise EmptyData(
            say("There is no positive outcome in any period."), say("Choose another --outcome or a longer window.")
        )
    missing = int(live.size - live.sum())
    live, zero_dyads, zero_actor_periods = _positive_groups(y, live, i, j, N, directed)
    some = live.any(1)
    if not live.any():
        raise EmptyData(
            say("No cell is left after all-zero groups are dropped."), say("Use a longer --period or fewer --actors.")
        )
    i, j, flat, live, y = i[some], j[some], flat[some], live[some], y[some]
    x = np.zeros((len(i), len(X), T))
    for k, (name, term) in enumerate(zip(names, X, strict=True)):
        np.copyto(x[:, k, :], term.reshape(T, N * N).take(flat, axis=1).T, where=live)
        if not np.isfinite(x[:, k, :]).all():
            d, t = np.argwhere(~np.isfinite(x[:, k, :]))[0]
            raise BadValue(
                f"{name} of actors {i[d]} and {j[d]} in period {t} is {x[d, k, t]}.",
                "Leave cells without a value out by the mask.",
            )
    return KeptCells(y * live, x, live, i, j, N, directed), missing, zero_dyads, zero_actor_periods


def _positive_groups(
    y: Floats, live: Booleans, i: Integers, j: Integers, N: int, directed: bool
) -> tuple[Booleans, int, int]:
    """Cells (D, T) left after all-zero dyads and actor-periods are dropped, again and again; and how many each took."""
    from scipy.sparse import csr_array

    D = len(i)
    G, second = (2 * N, j + N) if directed else (N, j)
    incidence = csr_array((np.ones(2 * D), (np.concatenate([i, second]), np.tile(np.arange(D), 2))), shape=(G, D))
    left = int(live.sum())
    by_dyad = by_actor = 0
    while True:
        seen = y * live
        live = live & (seen.sum(1) > 0)[:, None]
        after_dyads = int(live.sum())
        positive = incidence @ (y * live) > 0
        live &= positive[i] & positive[second]
        after_actors = int(live.sum())
        by_dyad += left - after_dyads
        by_actor += after_dyads - after_actors
        if after_actors == left:
            return live, by_dyad, by_actor
        left = after_actors


def refuse_thin(panel: KeptCells) -> None:
    """Refuse where fixed effects have so few cells that combinations of them fit most cells perfectly."""
    cells, effects = int(panel.live.sum()), panel.effects
    if cells < CELLS_PER_EFFECT_TO_REFUSE * effects:
        raise NotEnoughData(
            say(
                "The within-pair model has {cells} cells for {effects} fixed effects ({cells2:.2f} each), and refuses "
                "below {cells_per_effect_to_refuse:g}.",
                cells=cells,
                effects=effects,
                cells2=cells / effects,
                cells_per_effect_to_refuse=CELLS_PER_EFFECT_TO_REFUSE,
            ),
            say("Use fewer actors, longer periods, or a broader outcome."),
        )


def unordered(panel: KeptCells, U: Floats, H: Floats) -> tuple[Integers, Integers, Floats, Floats]:
    """Ends i < j, scores and information summed over both directions of each dyad."""
    from scipy.sparse import csr_array

    low, high = np.minimum(panel.i, panel.j), np.maximum(panel.i, panel.j)
    if not panel.directed:
        return low, high, U, H
    pairs, at = np.unique(low * panel.N + high, return_inverse=True)
    both = csr_array((np.ones(panel.D), (at, np.arange(panel.D))), shape=(len(pairs), panel.D))
    p = U.shape[1]
    H = np.asarray(both @ H.reshape(panel.D, p * p)).reshape(len(pairs), p, p)
    return pairs // panel.N, pairs % panel.N, np.asarray(both @ U), H
