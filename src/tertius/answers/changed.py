"""A changed history: one flow of events more or less intense, everything else as it was.

A **change** multiplies the weights of one sign from one actor to another by a factor, or sets them to a level a slice,
in some of the slices. Directed data know who acted; of undirected data the flow is that between the two.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from tertius.events.slices import Bools, DyadSlices, Floats, Ints
from tertius.history import History
from tertius.model.design import Design


@dataclass(frozen=True, slots=True)
class Change:
    """One flow's change.

    Attributes
    ----------
    source, target : indices of the actors.
    sign : "coop" or "host".
    factor : what the weights are multiplied by; None where a level is set.
    level : weight a slice; None where a factor is.
    slices : (S,) in which it holds.
    """

    source: int
    target: int
    sign: str
    factor: float | None
    level: float | None
    slices: Bools

    def dyad(self, slices: DyadSlices) -> int:
        """The flow's flat index; undirected data hold each pair once."""
        one, other = self.source, self.target
        if not slices.directed and one > other:
            one, other = other, one
        return one * slices.n_actors + other

    @property
    def is_nothing(self) -> bool:
        """Whether it leaves the history as it was."""
        return self.factor == 1.0


def changed(slices: DyadSlices, changes: Sequence[Change]) -> DyadSlices:
    """The slices with the changes made, one after the other, in weights and counts alike.

    >>> from tertius.events.slices import from_arrays
    >>> from tertius.spec import Duration
    >>> H = np.zeros((2, 3, 3))
    >>> H[:, 2, 0] = 4.0
    >>> there = from_arrays(0 * H, H, directed=True, edges=np.array([0.0, 1, 2]), length=Duration(1, "d"))
    >>> half = Change(2, 0, "host", 0.5, None, np.array([False, True]))
    >>> changed(there, [half]).host_weight.tolist()
    [4.0, 2.0]
    """
    for change in changes:
        if not change.is_nothing:
            slices = _factored(slices, change) if change.level is None else _levelled(slices, change)
    return slices


def is_empty(slices: DyadSlices, change: Change) -> bool:
    """Whether there is nothing of its flow in its slices that a factor, or a level of 0, could change."""
    if change.level:
        return False
    weight = slices.coop_weight if change.sign == "coop" else slices.host_weight
    return not weight[(slices.dyad == change.dyad(slices)) & change.slices[of_entries(slices)]].any()


def of_entries(slices: DyadSlices) -> Ints:
    """(E,) the slice of every entry."""
    return np.repeat(np.arange(slices.n_slices), np.diff(slices.indptr))


def _factored(slices: DyadSlices, change: Change) -> DyadSlices:
    assert change.factor is not None
    hit = (slices.dyad == change.dyad(slices)) & change.slices[of_entries(slices)]
    fields = ("coop_count", "coop_weight") if change.sign == "coop" else ("host_count", "host_weight")
    scaled = {name: np.where(hit, getattr(slices, name) * change.factor, getattr(slices, name)) for name in fields}
    return replace(slices, **scaled)


def _levelled(slices: DyadSlices, change: Change) -> DyadSlices:
    """The flow at its level in every slice of the change, whether it had an entry there or not."""
    assert change.level is not None
    n, dyad, of = slices.n_actors, change.dyad(slices), of_entries(slices)
    own = slices.dyad == dyad
    without = np.flatnonzero(change.slices & ~np.isin(np.arange(slices.n_slices), of[own]))
    keys = np.concatenate([of * n * n + slices.dyad, without * n * n + dyad])
    order = np.argsort(keys, kind="stable")
    keys = keys[order]
    hit = (keys % (n * n) == dyad) & change.slices[keys // (n * n)]
    count, weight = ("coop_count", "coop_weight") if change.sign == "coop" else ("host_count", "host_weight")
    each = _weight_of_event(getattr(slices, count), getattr(slices, weight))

    def filled(values: Floats) -> Floats:
        return np.concatenate([values, np.zeros(len(without))])[order]

    fields = {
        name: filled(getattr(slices, name)) for name in ("coop_count", "coop_weight", "host_count", "host_weight")
    }
    fields[weight] = np.where(hit, change.level, fields[weight])
    fields[count] = np.where(hit, change.level / each, fields[count])
    starts = np.arange(slices.n_slices + 1) * n * n
    return replace(
        slices,
        indptr=np.searchsorted(keys, starts).astype(np.int64),
        dyad=keys % (n * n),
        coop_count=fields["coop_count"],
        coop_weight=fields["coop_weight"],
        host_count=fields["host_count"],
        host_weight=fields["host_weight"],
    )


def _weight_of_event(count: Floats, weight: Floats) -> float:
    """Mean weight of an event."""
    return float(weight.sum() / count.sum()) if count.sum() > 0 and weight.sum() > 0 else 1.0


def with_slices(design: Design, slices: DyadSlices) -> Design:
    """The same columns, at the same scales, of another history."""
    _, half_life, decay_to, _ = design.history.recipe
    return replace(design, slices=slices, history=History(slices, half_life, decay_to), cache={}, dtype=np.float64)
