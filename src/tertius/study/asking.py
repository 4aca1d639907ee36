"""What was asked: actors and questions in the data's own words, and the command that repeats an answer."""

from __future__ import annotations

import shlex
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

from tertius.codes import actor_name, actors_at, resolve_actor
from tertius.errors import EmptyData, TertiusWarning, UnknownActor, UsageError, did_you_mean
from tertius.events.data import EventData
from tertius.language import say
from tertius.spec import ModelSpec


def given_options(given: Mapping[str, Any]) -> dict[str, Any]:
    """Those of a function's arguments that are fields of the question, and were given."""
    return {f.name: given[f.name] for f in fields(ModelSpec) if given[f.name] is not None}


def find_actor(text: str, labels: frozenset[str], where: str) -> str:
    """The label in the data that a code or name means. Raises UnknownActor."""
    if text in labels:
        return text
    try:
        code = resolve_actor(text).code
    except UnknownActor as error:
        near = did_you_mean(text, labels)
        if not near or "Did you mean" in error.hint:
            raise
        raise UnknownActor(
            error.message, say("{near}All names: {command}.", near=near, command=f"tertius describe {where}")
        ) from None
    if code not in labels:
        raise UnknownActor(
            say("{name} ({code}) does not occur in {data}.", name=actor_name(code), code=code, data=where),
            say("See who does: {command}.", command=f"tertius describe {where}"),
        )
    return code


def spanned(events: EventData, spec: ModelSpec) -> ModelSpec:
    """The question with its first and last day, those of the data where none were given. Raises EmptyData."""
    first, last = events.span()
    if (spec.start and spec.start > last) or (spec.end and spec.end < first):
        raise EmptyData(
            say(
                "No event lies between {start} and {end}: the data run from {first} to {last}.",
                start=spec.start or say("the start"),
                end=spec.end or say("the end"),
                first=first,
                last=last,
            ),
            say("Widen --from/--to."),
        )
    return replace(spec, start=spec.start or first, end=spec.end or last)


def types_named(types: str | Sequence[str] | None) -> tuple[str, ...]:
    """Event types out of a text with commas, or a list.

    >>> types_named("CONSULT, 057"), types_named(None)
    (('CONSULT', '057'), ())
    """
    words = types.split(",") if isinstance(types, str) else types or ()
    return tuple(w.strip() for w in words if w.strip())


def resolve_spec(events: EventData, spec: ModelSpec) -> ModelSpec:
    """The spec with the defaults of this store's kind, and actors as labels of the data or known codes.

    ``@NATO`` among the actors stands for all who were members on any day of the question's span, ``@FILE`` for those
    in the file; who is in several groups, or in one and named too, is one actor. Raises UsageError, InputError.
    """
    first, last = events.span()
    days = ((spec.end or last) - (spec.start or first)).days + 1
    spec = replace(spec, slice=spec.slice or events.grain)
    events.check_length(spec.slice)
    events.check_length(spec.period)
    spec = spec.resolve(directed=events.directed, n_periods=round(days / spec.period.days))
    if spec.actors is None:
        return spec
    labels = events.labels()
    at_risk: list[str] = []
    named: list[str] = []
    for text in spec.actors:
        if text.startswith("@"):
            found = actors_at(text[1:].strip(), spec.start or first, spec.end or last, labels)
            group, words = (() if found.listed else found.actors), (found.actors if found.listed else ())
        else:
            group, words = (), (text,)
        chosen = [_label(x, labels) for x in words]
        named += chosen
        at_risk += [*chosen, *group]
    twice = sorted({x for x in named if named.count(x) > 1})
    if twice:
        raise UsageError(f"--actors names {', '.join(twice)} twice.", "Name each actor once.")
    return replace(spec, actors=tuple(dict.fromkeys(at_risk)))


def _label(text: str, labels: frozenset[str]) -> str:
    """The label in the data, a known code, or the text itself as the label of a silent actor, with a warning."""
    if text in labels:
        return text
    try:
        return resolve_actor(text).code
    except UnknownActor:
        warnings.warn(f"{text} is in --actors, but neither in the data nor in the codes.", TertiusWarning, stacklevel=2)
        return text


def reading_flags(events: EventData) -> dict[str, str]:
    """How the data were read, as flags; a Study holds that itself."""
    if events.study:
        return {}
    flags = {
        "map": ",".join(f"{ours}={theirs}" for ours, theirs in events.reading.get("mapping", {}).items()),
        "weight": events.reading.get("weight", ""),
        "mirrored": events.reading.get("mirrored", ""),
        "codes": events.reading.get("codes", ""),
    }
    given = {flag: value for flag, value in flags.items() if value}
    return given | ({"undirected": ""} if events.reading.get("directed") is False else {})


def span_flags(
    by: str | None, third: str | None, window: Sequence[Any] | None, reference: Sequence[Any] | None, ladder: bool
) -> dict[str, str]:
    asked = {"by": third or ""} if by else {}
    if window is not None:
        asked["window"] = " ".join(map(str, window))
    if reference is not None:
        asked["reference"] = " ".join(map(str, reference))
    if ladder:
        asked["ladder"] = ""
    return asked


def command_line(
    verb: str, arguments: Sequence[str], spec: ModelSpec, asked: Mapping[str, str], more: Sequence[str] = ()
) -> str:
    """The command that repeats this result, without what is default anyway; ``more`` are words of further options.

    An argument that begins with a hyphen would be read as an option: then all arguments stand at the end, behind a --.

    >>> command_line("ties", ["-x", "a.csv"], ModelSpec(), {"at": "2020-01-01"})
    'tertius ties --at 2020-01-01 -- -x a.csv'
    """
    default = ModelSpec().to_dict()
    flags = {"start": "from", "end": "to"}
    options: list[str] = []
    for key, value in spec.to_dict().items():
        if value is None or value == default[key] or key == "scales":
            continue
        text = ",".join(value) if isinstance(value, list) else str(value)
        options += [f"--{flags.get(key, key.replace('_', '-'))}", *([] if value is True else [text])]
    for key, value in asked.items():
        options += [
            f"--{key}",
            *(shlex.split(value) if key in ("window", "reference", "pair") else [value] if value else []),
        ]
    options += more
    last = any(word.startswith("-") for word in arguments)
    return shlex.join(["tertius", verb, *([*options, "--", *arguments] if last else [*arguments, *options])])
