"""Structural balance of a store or of an edge list, window by window."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from tertius.answers.camps import (
    Amounts,
    Balance,
    Influence,
    WindowBalance,
    balance_of,
    caveats_of,
    check_options,
    graphs_of,
    influence_of,
    steps_of,
    threshold_of,
    weighed_by,
)
from tertius.errors import EmptyData, NotEnoughData, UsageError, memory_named
from tertius.events.data import NET_NOTE, EventData
from tertius.events.slices import DyadSlices, Floats
from tertius.language import joined, plural, say
from tertius.model.budget import check_memory
from tertius.progress import OnProgress
from tertius.signed.graph import SignedGraph, from_edges
from tertius.sources.edges import is_edges, read_edges
from tertius.sources.loading import load
from tertius.spec import (
    DEFAULT_CAMPS,
    DEFAULT_DRAWS,
    DEFAULT_NEUTRAL,
    DEFAULT_RESPONSE,
    DEFAULT_SECONDS,
    DEFAULT_SEED,
    DEFAULT_WINDOW,
    NEUTRALS,
    RESPONSES,
    Duration,
    ModelSpec,
)
from tertius.study.asking import command_line, find_actor, reading_flags, resolve_spec, spanned, types_named

DENSE_MATRICES = 12
"""Matrices of all actors that a window's graph, triads and walks hold at once."""
MATRICES_A_WINDOW = 6
"""Cooperation and hostility as they are, and weighed in the way that was chosen and in one other."""
INFLUENCE_LINES = 9


@memory_named()
def balance(
    data: Any,
    *,
    window: str | Duration = DEFAULT_WINDOW,
    camps: str | int = DEFAULT_CAMPS,
    threshold: float | None = None,
    neutral: str = DEFAULT_NEUTRAL,
    weighted: bool = False,
    response: str | None = None,
    start: str | date | None = None,
    end: str | date | None = None,
    actors: Any = None,
    types: str | Sequence[str] | None = None,
    of: str | None = None,
    draws: int = DEFAULT_DRAWS,
    seconds: float = DEFAULT_SECONDS,
    seed: int | None = None,
    progress: OnProgress | None = None,
) -> Balance:
    """How balanced is the signed graph of each window, who stands in which camp, and who changed sides?

    Parameters
    ----------
    data : anything that :func:`tertius.load` takes; or an edge list, a CSV or Parquet file or a data frame with the
        columns ``a``, ``b``, ``sign`` and perhaps ``window`` and ``weight``; or a
        :class:`~tertius.signed.graph.SignedGraph`.
    window : length of a window of a store; an edge list has its own.
    camps : "2" or "free", which are drawn; both costs are always computed.
    threshold : of a store: how far the net of a pair per observed day must be from neutral; None: see
        :mod:`tertius.answers.camps`.
    neutral : "actors", "window" or "even", what counts as neutral, see there.
    weighted : of a store: an edge weighs its net; else 1.
    response : "count" or "weight" of events (default: count; of undirected data weight).
    start, end, actors, types : which rows of a store; an actor without an edge in a window is not in its graph.
    of : of a store: an actor; the answer is about where it stood. All actors make the camps.
    draws : null networks of each kind, 0 for none.
    seconds : at most for each cost of each window, after which both bounds are given.

    Raises
    ------
    UsageError, InputError, NotEnoughData : with the way out.

    >>> found = balance("chronicle", window="5y", draws=0)
    >>> found.windows[-1].two.found.proven
    True
    """
    check_options(str(camps), seconds, draws, neutral, threshold)
    given = {"seconds": seconds, "draws": draws, "seed": DEFAULT_SEED if seed is None else seed, "progress": progress}
    asked = {"window": None if str(window) == DEFAULT_WINDOW else str(window), "camps": str(camps)}
    if isinstance(data, SignedGraph) or is_edges(data):
        store_only = {
            "--window": asked["window"], "--threshold": threshold, "--response": response, "--from": start,
            "--to": end, "--actors": actors, "--types": types, "--weighted": weighted or None, "--of": of,
            "--neutral": None if neutral == DEFAULT_NEUTRAL else neutral,
        }  # fmt: skip
        return _of_edges(data, str(camps), store_only, given)
    events = load(data)
    if of is not None:
        find_actor(of, events.labels(), events.name)  # before the work
    spec = ModelSpec.of(
        slice=window, response=response, start=start, end=end, actors=actors, seed=given["seed"], period=window
    )
    spec = replace(spec, response=spec.response or DEFAULT_RESPONSE[events.directed])
    names = types_named(types)
    said = reading_flags(events) | {
        **({"window": str(window)} if asked["window"] else {}),
        **({"camps": str(camps)} if str(camps) != DEFAULT_CAMPS else {}),
        **({"threshold": f"{threshold:g}"} if threshold is not None else {}),
        **({"neutral": neutral} if neutral != DEFAULT_NEUTRAL else {}),
        **({"weighted": ""} if weighted else {}),
        **({"types": ",".join(names)} if names else {}),
        **({"draws": str(draws)} if draws != DEFAULT_DRAWS else {}),
        **({"seconds": f"{seconds:g}"} if seconds != DEFAULT_SECONDS else {}),
    }
    asked_of = replace(spec, slice=None, period=ModelSpec().period, response=response, actors=_listed(actors))
    found = _of_store(events, spec, names, (threshold, neutral, weighted, str(camps)), given)
    found = replace(found, command=command_line("balance", [events.name], asked_of, said))
    return found if of is None else of_actor(found, events, of)


def of_actor(found: Balance, events: EventData, actor: str) -> Balance:
    """The same camps, as an answer about where one actor stood. Raises UnknownActor."""
    label = find_actor(actor, events.labels(), events.name)
    return replace(found, of=label, command=f"{found.command} --of {shlex.quote(label)}")


def _listed(actors: Any) -> tuple[str, ...] | None:
    return ModelSpec.of(actors=actors).actors


def _of_edges(data: Any, camps: str, store_only: Mapping[str, Any], given: Mapping[str, Any]) -> Balance:
    wrong = [flag for flag, value in store_only.items() if value is not None]
    if wrong:
        raise UsageError(
            f"{' and '.join(wrong)} {'is' if len(wrong) == 1 else 'are'} for event data; an edge list has its own "
            "windows, signs and weights.",
            f"Leave {'it' if len(wrong) == 1 else 'them'} out.",
        )
    if isinstance(data, SignedGraph):
        name, graphs, weighted = say("signed graph"), {"all": data}, bool((np.abs(data.weight) != 1).any())
    else:
        rows = read_edges(data)
        name = str(data) if isinstance(data, (str, Path)) else say("data frame")
        graphs = {w: from_edges(r.a, r.b, r.sign, r.weight) for w, r in rows.items()}
        weighted = next(iter(rows.values())).weight is not None
    if not any(g.m for g in graphs.values()):
        what = joined(dict.fromkeys(note for g in graphs.values() for note in g.notes), " ")
        raise NotEnoughData(f"{name} leaves no edge. {what}".strip(), "Give rows of two actors with sign 1 or -1.")
    windows = balance_of(graphs, **given)
    flags = [
        *(["--camps", camps] if camps != DEFAULT_CAMPS else []),
        *(["--draws", str(given["draws"])] if given["draws"] != DEFAULT_DRAWS else []),
        *(["--seconds", f"{given['seconds']:g}"] if given["seconds"] != DEFAULT_SECONDS else []),
        *(["--seed", str(given["seed"])] if given["seed"] != DEFAULT_SEED else []),
    ]
    notes = [
        say("{window}: {note}", window=w.window, note=note) if len(windows) > 1 else note
        for w in windows
        for note in w.graph.notes
    ]
    direction = say("Directions are not kept: a row from a to b and one from b to a are two rows of one pair.")
    return Balance(
        data=name,
        windows=windows,
        camps=camps,
        caveats=(*caveats_of(windows, camps, "", weighted), direction, *notes),
        command=shlex.join(["tertius", "balance", name, *flags]),
    )


def _of_store(
    events: EventData,
    spec: ModelSpec,
    types: tuple[str, ...],
    made: tuple[float | None, str, bool, str],
    given: Mapping[str, Any],
) -> Balance:
    threshold, neutral, weighted, camps = made
    if spec.response not in RESPONSES:
        raise UsageError(f"--response '{spec.response}' does not exist.", f"Choose {' or '.join(RESPONSES)}.")
    whole = spanned(events, spec)
    if spec.actors is not None:
        spec = replace(spec, actors=resolve_spec(events, spec).actors)
    chosen = events.of_types(types) if types else events
    whole = replace(whole, actors=spec.actors)
    slices = chosen.slices(whole, fewest=1)
    needed = 8 * slices.n_actors**2 * (DENSE_MATRICES + MATRICES_A_WINDOW * slices.n_slices)
    check_memory(needed, "A signed graph", slices, "Name fewer actors: --actors @STATES takes all states of the span.")
    seen = np.flatnonzero(slices.observed).tolist()
    if not seen:
        raise EmptyData(
            say("No window of {slice} was observed for half of its days.", slice=spec.slice),
            say("Take another --window."),
        )
    amounts = {_name(slices, s): _amounts(slices, s, str(spec.response)) for s in seen}
    auto = threshold is None
    against = weighed_by(amounts, neutral)
    least = threshold_of(against, events.directed) if threshold is None else threshold
    graphs = graphs_of(against, slices.actors, least, weighted, events.directed)
    influence = _influence(amounts, against, neutral, least, events.directed)
    windows = balance_of(graphs, **given)
    dated = tuple(_dated(w, slices, s, whole) for w, s in zip(windows, seen, strict=True))
    unit = say("events") if spec.response == "count" else say("units of weight")
    left = slices.n_slices - len(seen)
    blind = (
        plural("{n} window less than half observed, left out.", "{n} windows less than half observed, left out.", left)
        if left
        else ""
    )
    return Balance(
        data=events.name,
        windows=dated,
        camps=camps,
        threshold=least,
        neutral=neutral,
        unit=say("{unit} per observed day, both ways together", unit=unit),
        influence=influence,
        caveats=(
            *([events.note] if events.note else []),
            *([blind] if blind else []),
            *([] if events.directed else [NET_NOTE]),
            *caveats_of(dated, camps, neutral, weighted),
        ),
        chosen=auto,
    )


def _influence(
    amounts: Mapping[str, Amounts], against: Mapping[str, Amounts], neutral: str, threshold: float, directed: bool
) -> tuple[Influence, ...]:
    """Thresholds around the one that was taken; and it, with what else could be neutral."""
    steps = sorted({*steps_of(against, directed), threshold})
    at = steps.index(threshold)
    first = max(0, min(at - INFLUENCE_LINES // 2, len(steps) - INFLUENCE_LINES))
    lines = [influence_of(against, neutral, step, directed) for step in steps[first : first + INFLUENCE_LINES]]
    others = [name for name in NEUTRALS if name != neutral]
    return (*lines, *(influence_of(weighed_by(amounts, name), name, threshold, directed) for name in others))


def _amounts(slices: DyadSlices, s: int, response: str) -> Amounts:
    """Cooperation and hostility per observed day of a slice; undirected: both halves filled."""
    return Amounts(*(_matrix(slices, s, slices.outcome(what, response)) for what in ("cooperation", "hostility")))


def _matrix(slices: DyadSlices, s: int, values: Floats) -> Floats:
    n, at = slices.n_actors, slices.entries(s)
    out = np.zeros(n * n)
    out[slices.dyad[at]] = values[at] / slices.exposure[s]
    square = out.reshape(n, n)
    return square if slices.directed else square + square.T


def _name(slices: DyadSlices, s: int) -> str:
    """A year, quarter or month by name, another window by its first day.

    A window that is cut by the data's span is named like a whole one; its days stand beside it.
    """
    begin = str(slices.dates()[s])
    length = slices.length
    months = {"mo": length.n, "y": 12 * length.n}.get(length.unit, 0)
    if months == 12:
        return begin[:4]
    if months == 3:
        return f"{begin[:4]} Q{(int(begin[5:7]) + 2) // 3}"
    return begin[:7] if months == 1 else begin


def _dated(w: WindowBalance, slices: DyadSlices, s: int, spec: ModelSpec) -> WindowBalance:
    """With the first and last day of its slice within the data, and how many of its days were observed."""
    begin = np.datetime64(int(np.floor(slices.edges[s])), "D")
    end = np.datetime64(int(np.ceil(slices.edges[s + 1])) - 1, "D")
    first, last = max(begin, np.datetime64(str(spec.start))), min(end, np.datetime64(str(spec.end)))
    return replace(w, first=str(first), last=str(last), days=float(slices.exposure[s]))
