"""A world: its names, how one is drawn, and what it is as data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from tertius.errors import UsageError
from tertius.events.slices import DyadSlices, Floats, edges, from_arrays
from tertius.plain import frame
from tertius.simulation import events_frame
from tertius.spec import Duration
from tertius.worlds.counts import draw_counts
from tertius.worlds.media import DAYS, STORY_WORLDS, Rows, draw_media

FALSE_WORLDS = (
    "reverse",
    "shock",
    "popularity",
    "nothing",
    "slow_shock",
    "triangle",
    "announced",
    "season",
    "staggered",
)
TRUE_WORLDS = ("planted", "saturating", "heavy_tails", "quick", "late", "few_pairs")
WORLDS = TRUE_WORLDS + FALSE_WORLDS
GENERATORS = ("counts", "media")
NOT_DRAWN = {"media": ("heavy_tails",)}
"""Worlds of one generator only: reports in ``media`` have heavy tails as it is."""

EFFECT = {**dict.fromkeys(TRUE_WORLDS, 0.40), "planted_story": 0.40, "triangle": 0.40, "reverse": 0.30}
"""Log points, where none is given."""

FIRST_MONTH = 30 * 12  # 2000-01, in months since 1970-01; slices are calendar months

_SMALLEST_N = 12
_SMALLEST_T = 4


def possible_worlds(generator: str) -> tuple[str, ...]:
    """The worlds that a generator draws."""
    stories = STORY_WORLDS if generator == "media" else ()
    return tuple(w for w in WORLDS + stories if w not in NOT_DRAWN.get(generator, ()))


@dataclass(frozen=True, slots=True)
class World:
    """A world of N actors and T periods.

    Attributes
    ----------
    name, generator, effect, seed : as asked.
    C : (T, N, N) cooperation, symmetric, counts.
    H : (T, N, N) hostility of k towards i, counts.
    rows : the reports that C and H count, each with its story; None where the generator knows no stories.
    """

    name: str
    generator: str
    effect: float
    seed: int
    C: Floats
    H: Floats
    rows: Rows | None = None

    def __repr__(self) -> str:
        n_periods, n_actors, _ = self.C.shape
        return f"<World '{self.name}' ({self.generator}): {n_actors} actors, {n_periods} periods, seed {self.seed}>"

    @property
    def C_apart(self) -> Floats | None:
        """(T, N, N) cooperation without that of stories that also code hostility of a third party towards both; None
        where stories are not known."""
        if self.rows is None:
            return None
        T, n = self.C.shape[:2]
        return self.rows.totals(T, n, self.rows.apart())[0]

    def slices(self, *, directed: bool = True) -> DyadSlices:
        """The same as data, one slice a period; undirected: pairs with the hostility of both ways added."""
        return slices_of(self.C, self.H, directed=directed)

    def to_frame(self, backend: str | None = None) -> Any:
        """Events as rows of the event contract, for :func:`tertius.explain`.

        Cooperation is symmetric, and each act of it stands both ways. Rows have the first day of their month; where
        stories are known their own day (the 29th and 30th stand on the 28th) and, as ``url``, the story.
        """
        return events_frame(self.slices(), backend) if self.rows is None else self._reports(self.rows, backend)

    def _reports(self, rows: Rows, backend: str | None) -> Any:
        sl = self.slices()
        days = sl.dates()[rows.day // DAYS] + np.minimum(rows.day % DAYS, 27)
        lines = []
        for at in np.argsort(rows.day, kind="stable"):
            two = sl.actors[rows.source[at]], sl.actors[rows.target[at]]
            friendly = bool(rows.cooperative[at])
            for a, b in (two, two[::-1]) if friendly else (two,):
                about = {"date": str(days[at]), "source": a, "target": b}
                lines.append({**about, "quad": 1 if friendly else 3, "url": f"story:{rows.story[at]}"})
        return frame(lines, backend)


def world(
    name: str,
    *,
    generator: str = "counts",
    effect: float | None = None,
    n_actors: int = 60,
    n_periods: int = 60,
    seed: int = 1,
) -> World:
    """Draw a world.

    Parameters
    ----------
    name : one of :data:`WORLDS`, or with the generator "media" one of :data:`STORY_WORLDS` (:func:`possible_worlds`).
    generator : "counts" or "media".
    effect : of hostility (true worlds, triangle) or of cooperation (reverse); None takes :data:`EFFECT`.
    n_actors, n_periods : size, at least 12 and 4.
    seed : the same seed gives the same world.

    Raises
    ------
    UsageError : no such world or generator, or too small.

    >>> w = world("nothing", n_actors=12, n_periods=6)
    >>> w.C.shape, bool((w.C == w.C.transpose(0, 2, 1)).all()), w.slices().n_slices
    ((6, 12, 12), True, 6)
    """
    if generator not in GENERATORS:
        raise UsageError(f"There is no generator '{generator}'.", f"Choose one of: {', '.join(GENERATORS)}.")
    possible = possible_worlds(generator)
    if name not in possible:
        raise UsageError(
            f"There is no world '{name}' of the generator '{generator}'.", f"Choose one of: {', '.join(possible)}."
        )
    if n_actors < _SMALLEST_N or n_periods < _SMALLEST_T:
        raise UsageError(
            f"A world needs {_SMALLEST_N} actors and {_SMALLEST_T} periods.", "Raise n_actors or n_periods."
        )
    size = EFFECT.get(name, 0.0) if effect is None else effect
    rng = np.random.default_rng(seed)
    if generator == "counts":
        return World(name, generator, size, seed, *draw_counts(name, size, rng, n_actors, n_periods))
    return World(name, generator, size, seed, *draw_media(name, size, rng, n_actors, n_periods))


def slices_of(C: Floats, H: Floats, *, directed: bool) -> DyadSlices:
    """Arrays by period as data: calendar months from 2000 on; every event weighs 1.

    Parameters
    ----------
    C, H : (T, N, N) counts; the diagonals are not read.
    directed : False reads C of the pairs i < j, and adds up the hostility of both ways.
    """
    first = 1970 * 12 + FIRST_MONTH
    month = Duration.parse("1mo")
    if not directed:
        H = H + H.transpose(0, 2, 1)
    return from_arrays(C, H, directed=directed, edges=edges(month, first, first + len(C) - 1), length=month)
