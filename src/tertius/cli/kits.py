"""Kits: lists of options that many commands take alike, each written once, and how a command comes by them.

A command names the kits that it takes (``takes`` of :func:`tertius.cli.run.command` and of
:func:`tertius.cli.run.answers`); its own function has only what no other command has, and finds the rest in the
context: :func:`load_data` reads DATA as the kit FILE says, :func:`question` has what goes to the model.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from typing import TYPE_CHECKING, Any

import typer

from tertius.cli.options import (
    Actors,
    Adequacy,
    BiasCorrection,
    Cache,
    Carry,
    Codes,
    Covariates,
    DecayTo,
    Effects,
    EngineAt,
    From,
    HalfLifeText,
    Json,
    Lang,
    Legs,
    Map,
    Mirrored,
    Miscoding,
    Missing,
    Model,
    Outcome,
    Period,
    Quiet,
    Reference,
    Report,
    Response,
    Sample,
    Seed,
    SliceText,
    TableAs,
    To,
    Transform,
    Undirected,
    Weight,
    Window,
    read_mapping,
)
from tertius.language import ENGLISH

if TYPE_CHECKING:
    from tertius.events.data import EventData

Kit = Mapping[str, tuple[Any, Any]]
"""Parameter -> its option and default."""

COLUMNS: Kit = {
    "mapping": (Map, None),
    "weight": (Weight, None),
    "mirrored": (Mirrored, "auto"),
    "codes": (Codes, "names"),
    "missing": (Missing, None),
}
"""How a file is read."""
FILE: Kit = {**COLUMNS, "undirected": (Undirected, False)}
"""How DATA is read."""
ENGINE: Kit = {"engine": (EngineAt, None)}
SPAN: Kit = {"start": (From, None), "end": (To, None)}
PERIODS: Kit = {"period": (Period, None), **SPAN}
COUNTED: Kit = {"response": (Response, None), **PERIODS}
"""What is added up, by which unit of time, of which days."""
WINDOWS: Kit = {"window": (Window, None), "reference": (Reference, None)}
MODELLED: Kit = {
    "model": (Model, None),
    "outcome": (Outcome, None),
    "effects": (Effects, None),
    "half_life": (HalfLifeText, None),
    "slice_": (SliceText, None),
    "transform": (Transform, None),
    "legs": (Legs, None),
    "decay_to": (DecayTo, None),
    **COUNTED,
    "actors": (Actors, None),
    "covariates": (Covariates, None),
}
"""The model, and the question that it is asked."""
CHECKED: Kit = {
    "carry": (Carry, None),
    "adequacy": (Adequacy, None),
    "bias_correction": (BiasCorrection, None),
    "miscoding": (Miscoding, None),
    "sample": (Sample, None),
}
"""What a fit says of itself."""
KEPT: Kit = {"cache": (Cache, True)}
PAGE: Kit = {"report": (Report, None)}
PRINTED: Kit = {**PAGE, "table": (TableAs, None)}
TALK: Kit = {"seed": (Seed, None), "lang": (Lang, ENGLISH), "quiet": (Quiet, False), "as_json": (Json, False)}
"""What every command takes that answers."""


def with_kits(own: Callable[..., Any], takes: Iterable[Kit], run: Callable[..., Any]) -> Callable[..., None]:
    """``run(context, its own arguments)`` as a function of the parameters of ``own`` and of the kits.

    Raises
    ------
    TypeError : a parameter that stands in two of them.
    """
    mine = inspect.signature(own, eval_str=True).parameters.values()
    shared = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=option)
        for kit in takes
        for name, (option, default) in kit.items()
    ]
    names = [p.name for p in (*mine, *shared)]
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        raise TypeError(f"{own.__name__} takes {', '.join(sorted(twice))} twice")
    context = inspect.Parameter("ctx", inspect.Parameter.KEYWORD_ONLY, annotation=typer.Context)
    parameters = [p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in mine]

    @wraps(own)
    def taken(ctx: typer.Context, **given: Any) -> None:
        passed = {p.name: ctx if p.name == "ctx" else given[p.name] for p in mine}
        run(ctx, passed)

    signature = inspect.Signature([*([] if "ctx" in names else [context]), *parameters, *shared])
    taken.__signature__ = signature  # type: ignore[attr-defined]
    taken.__annotations__ = {name: p.annotation for name, p in signature.parameters.items()}
    return taken


def load_data(ctx: typer.Context, data: str) -> EventData:
    """DATA, read as the kits FILE and ENGINE of the running command say."""
    from tertius.sources.loading import load

    given = ctx.params
    return load(
        data,
        directed=not given["undirected"],
        mapping=read_mapping(given["mapping"]),
        weight=given["weight"],
        mirrored=given["mirrored"],
        codes=given["codes"],
        missing=given["missing"],
        engine=given.get("engine"),
    )


def question(ctx: typer.Context) -> dict[str, Any]:
    """The options of this command, as far as they were given, that are fields of :class:`tertius.spec.ModelSpec`."""
    from dataclasses import fields

    from tertius.spec import ModelSpec

    given = {name.removesuffix("_"): value for name, value in ctx.params.items()}
    return {f.name: given.get(f.name) for f in fields(ModelSpec) if given.get(f.name) is not None}


def spans(ctx: typer.Context) -> dict[str, Any]:
    """The options of the kit WINDOWS."""
    return {name: ctx.params[name] for name in WINDOWS}
