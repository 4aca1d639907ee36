"""Two small worlds whose truth is known, as data by name: ``planted`` and ``reversed``.

Both are simulated: 30 actors, S01 to S30, over 60 months from 2000 on, made of a seed (:mod:`tertius.worlds`, generator
``counts``). In ``planted`` the hostility of a third party towards two raises their cooperation in the months after it;
in ``reversed`` it is the other way round: a third party turns on two of its rivals when these cooperate more than they
used to. The certificate of the named pair passes in the first and fails in the second. That is what they are for, and
the seeds were chosen so: ``scripts/sample_worlds.py`` prints how often other seeds do.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from tertius.events.data import SIMULATED, EventData
from tertius.events.table import STORED_COLUMNS
from tertius.language import say
from tertius.worlds.world import World, world

ACTORS, PERIODS = 30, 60
TYPES = {"TIMESTAMP": pa.timestamp("us"), "VARCHAR": pa.string(), "TINYINT": pa.int8(), "DOUBLE": pa.float64()}
CHOSEN = say(
    "Its seed and pair were chosen to show the certificate at work; of 100 seeds of this world, the certificate's "
    "conditions of all pairs hold in {passes} (scripts/sample_worlds.py)."
)


@dataclass(frozen=True, slots=True)
class Sample:
    """A world by name.

    Attributes
    ----------
    name : of the data.
    world : of :data:`tertius.worlds.WORLDS`.
    effect : log points, see :mod:`tertius.worlds`.
    seed : which was chosen.
    pair : which is shown.
    truth : what is true there, in a sentence.
    passes : of the seeds 1 to 100, in how many the certificate passes (``scripts/sample_worlds.py``).
    """

    name: str
    world: str
    effect: float
    seed: int
    pair: tuple[str, str]
    truth: str
    passes: int

    def draw(self, seed: int | None = None) -> World:
        """The world, of its own seed or another."""
        return world(
            self.world, effect=self.effect, n_actors=ACTORS, n_periods=PERIODS, seed=self.seed if seed is None else seed
        )


PLANTED = Sample(
    "planted",
    "planted",
    0.6,
    1,
    ("S02", "S08"),
    say("hostility of a third party towards two raises their cooperation in the months after it"),
    93,
)
REVERSED = Sample(
    "reversed",
    "reverse",
    0.6,
    1,
    ("S01", "S29"),
    say(
        "a third party turns on two of its rivals when these cooperate more than they used to; hostility raises nothing"
    ),
    0,
)
SAMPLES = {sample.name: sample for sample in (PLANTED, REVERSED)}


def planted() -> EventData:
    """Hostility comes first.

    >>> planted()
    <EventData planted: directed, ...>
    """
    return data_of(PLANTED)


def reversed_() -> EventData:
    """Cooperation comes first."""
    return data_of(REVERSED)


def data_of(sample: Sample, seed: int | None = None) -> EventData:
    """The data of a sample, of its own seed or another: acts of a sign, of one actor towards another, by month."""
    sl = replace(sample.draw(seed).slices(), actors=tuple(f"S{k:02d}" for k in range(1, ACTORS + 1)))
    month = np.repeat(sl.dates().astype("datetime64[us]"), np.diff(sl.indptr))
    i, j = np.divmod(sl.dyad, sl.n_actors)
    labels = np.array(sl.actors)
    parts = []
    for sign, count in ((1, sl.coop_count), (-1, sl.host_count)):
        some = count > 0
        parts.append(
            pa.table(
                {
                    "date": month[some],
                    "source": labels[i[some]],
                    "target": labels[j[some]],
                    "sign": np.full(some.sum(), sign, dtype=np.int8),
                    "count": count[some],
                    "weight": count[some],
                }
            )
        )
    rows = pa.concat_tables(parts)
    blank = {column.name: pa.nulls(len(rows), TYPES[column.dtype]) for column in STORED_COLUMNS}
    table = pa.table({name: rows[name] if name in rows.column_names else of for name, of in blank.items()})
    number = sample.seed if seed is None else seed
    made = say(
        "{name}, {world} {effect:g}, {actors} actors, {periods} months, seed {number}",
        name=sample.name,
        world=sample.world,
        effect=sample.effect,
        actors=ACTORS,
        periods=PERIODS,
        number=number,
    )
    digest = hashlib.sha256(made.encode())
    for array in (sl.dyad, sl.coop_count, sl.host_count):
        digest.update(array.tobytes())
    return EventData(
        name=sample.name,
        directed=True,
        missing=(),
        hash=digest.hexdigest()[:16],
        table=table,
        grain=sl.length,
        note=say(
            "{simulated} In this world {truth}. {chosen}",
            simulated=SIMULATED,
            truth=sample.truth,
            chosen=CHOSEN.format(passes=sample.passes),
        ),
        cited=((say("tertius.worlds: {made}.", made=made), ""),),
        by_name=True,
    )
