"""The command line: parse, call, print. No logic.

Every command takes ``--json``: one document on stdout and nothing else there. Progress and warnings go to stderr.
Exit 0; 2 for what the user can mend, with one message; 1 for a fault of ours.
"""

from __future__ import annotations

import json
import signal
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

if TYPE_CHECKING:
    from tertius.events.data import EventData

from tertius.errors import InputError, TertiusError, TertiusWarning, UsageError, memory_named

PARSER_ERROR: Any = next(c for c in typer.BadParameter.__mro__ if c.__name__ == "ClickException")
"""Base of the parser's errors, wherever this version of typer keeps them."""

app = typer.Typer(
    help="Who drives whom together? Answers from dated events, and how far to believe them.",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

Json = Annotated[bool, typer.Option("--json", help="One JSON document on stdout, nothing else.")]
Data = Annotated[str, typer.Argument(help="chronicle, a store folder, a Study folder, or a Parquet/CSV file.")]
Seed = Annotated[int | None, typer.Option(help="Of everything random, where anything is.")]
Model = Annotated[str | None, typer.Option(help="within, rate or sign (fit).")]
Outcome = Annotated[str | None, typer.Option(help="cooperation, hostility or any; several, comma-separated (fit).")]
Response = Annotated[str | None, typer.Option(help="count or weight.")]
Effects = Annotated[str | None, typer.Option(help="Comma-separated names of effects.")]
HalfLifeText = Annotated[str | None, typer.Option("--half-life", help="90d, none, or coop=30d,host=90d.")]
SliceText = Annotated[str | None, typer.Option("--slice", help="Unit of time without order inside: 1d, 1w, 15min ...")]
Period = Annotated[str | None, typer.Option(help="Unit of the within-pair model: 1mo, 3mo, 1y ...")]
Transform = Annotated[str | None, typer.Option(help="log1p or raw.")]
Legs = Annotated[str | None, typer.Option(help="sqrt, min, product or binary.")]
DecayTo = Annotated[str | None, typer.Option("--decay-to", help="now or previous.")]
From = Annotated[str | None, typer.Option("--from", help="First day of the data used.")]
To = Annotated[str | None, typer.Option("--to", help="Last day of the data used.")]
Covariates = Annotated[str | None, typer.Option(help="Files of covariates by a,b or actor, and date or year.")]
Carry = Annotated[str | None, typer.Option(help="For how long a covariate's value holds at most: 5y ...")]
Ladder = Annotated[bool, typer.Option("--ladder", help="Ask again on every rung: rate to within-pair, sensitivity.")]
Adequacy = Annotated[str | None, typer.Option(help="How well it fits: auto, full (holds out periods) or none.")]
Miscoding = Annotated[str | None, typer.Option(help="A term, or foe: wrong codings that would overturn its sign.")]
Sample = Annotated[int | None, typer.Option(help="Rate: so many controls for each pair that acts in a slice.")]
ACTORS = (
    "The risk set, comma-separated: actors, @GROUP (all members in the span), @FILE (one a line, or a CSV of groups). "
    "A file is preferred to a group of its name."
)
Actors = Annotated[str | None, typer.Option(help=ACTORS)]
Map = Annotated[list[str] | None, typer.Option("--map", help="ours=theirs,... renames columns.")]
Weight = Annotated[str | None, typer.Option(help="goldstein, mentions or sources: what an event weighs.")]
Missing = Annotated[Path | None, typer.Option(help="CSV with a column date: days without any record.")]
Undirected = Annotated[
    bool, typer.Option("--undirected", help="The file holds net dyadic weights: date, a, b, weight.")
]
Mirrored = Annotated[str, typer.Option(help="auto counts a mirrored coding one half each way; keep counts both.")]


@app.command()
def demo(
    out: Annotated[Path, typer.Option(help="Folder for report.html.")] = Path("."),
    seed: Seed = None,
    as_json: Json = False,
) -> None:
    """The embedded sample through the whole pipeline: who drives Russia and North Korea together?"""
    from tertius.report.progress import progress_bar
    from tertius.study import demo as run

    def work() -> Any:
        with progress_bar() as progress:
            answer = run(progress=progress, **({"seed": seed} if seed is not None else {}))
        out.mkdir(parents=True, exist_ok=True)
        _report(answer, out / "report.html", as_json)
        return answer

    _run(work, as_json, lambda t, c, r: t.print_demo(c, r, out / "report.html"))


@app.command("import")
def import_(
    fmt: Annotated[str, typer.Argument(metavar="FORMAT", help="events, icews or dyads.")],
    files: Annotated[list[Path], typer.Argument(help="Parquet or delimited text (gzip too).")],
    into: Annotated[Path, typer.Option(help="The store's folder.")],
    mapping: Map = None,
    weight: Weight = None,
    mirrored: Mirrored = "auto",
    missing: Missing = None,
    seed: Seed = None,
    as_json: Json = False,
) -> None:
    """Read files into a store and print the audit."""
    from tertius.report.progress import progress_bar
    from tertius.sources.importing import import_files

    def work() -> Any:
        with progress_bar() as progress:
            audit = import_files(
                fmt, files, into, mapping=_mapping(mapping), weight=weight, mirrored=mirrored, missing=missing,
                progress=progress,
            )  # fmt: skip
        return _Document(audit.to_dict())

    _run(work, as_json, lambda t, c, r: t.print_audit(c, r.document))


@app.command()
def audit(
    store: Annotated[Path, typer.Argument(help="A store folder.")], seed: Seed = None, as_json: Json = False
) -> None:
    """Rows read, kept and dropped, by rule and file; coverage."""
    from tertius.study import audit as read_audit

    _run(lambda: _Document(read_audit(store)), as_json, lambda t, c, r: t.print_audit(c, r.document))


@app.command()
def describe(
    ctx: typer.Context,
    data: Data,
    mapping: Map = None,
    weight: Weight = None,
    mirrored: Mirrored = "auto",
    missing: Missing = None,
    undirected: Undirected = False,
    seed: Seed = None,
    as_json: Json = False,
) -> None:
    """Actors, span, events by class, busiest pairs."""

    _run(lambda: _Document(_load(ctx, data).describe()), as_json, lambda t, c, r: t.print_describe(c, r.document))


@app.command()
def events(
    ctx: typer.Context,
    a: Annotated[str, typer.Argument(help="An actor: code or name.")],
    b: Annotated[str, typer.Argument(help="The other.")],
    data: Data,
    start: From = None,
    end: To = None,
    mapping: Map = None,
    weight: Weight = None,
    mirrored: Mirrored = "auto",
    missing: Missing = None,
    undirected: Undirected = False,
    limit: Annotated[int, typer.Option(min=1, help="At most so many rows, latest first.")] = 50,
    seed: Seed = None,
    as_json: Json = False,
) -> None:
    """The rows behind a pair."""
    from tertius.study import events_between

    _run(
        lambda: _Document(events_between(a, b, _load(ctx, data), start, end, limit)),
        as_json,
        lambda t, c, r: t.print_events(c, r.document),
    )


@app.command()
def fit(
    ctx: typer.Context,
    data: Data,
    model: Model = None,
    outcome: Outcome = None,
    response: Response = None,
    effects: Effects = None,
    half_life: HalfLifeText = None,
    slice_: SliceText = None,
    period: Period = None,
    transform: Transform = None,
    legs: Legs = None,
    decay_to: DecayTo = None,
    start: From = None,
    end: To = None,
    actors: Actors = None,
    mapping: Map = None,
    weight: Weight = None,
    mirrored: Mirrored = "auto",
    missing: Missing = None,
    undirected: Undirected = False,
    covariates: Covariates = None,
    carry: Carry = None,
    ladder: Ladder = False,
    adequacy: Adequacy = None,
    miscoding: Miscoding = None,
    sample: Sample = None,
    seed: Seed = None,
    save: Annotated[Path | None, typer.Option(help="Folder in which to keep the Study.")] = None,
    table: Annotated[str | None, typer.Option(help="markdown, latex, html or csv.")] = None,
    as_json: Json = False,
) -> None:
    """Coefficients: what drives who acts towards whom."""
    from tertius import study
    from tertius.report.progress import progress_bar

    def work() -> Any:
        if table not in (None, "markdown", "latex", "html", "csv"):
            raise UsageError(f"--table '{table}' does not exist.", "Choose markdown, latex, html or csv.")
        outcomes = outcome.split(",") if outcome is not None else [None]
        if len(outcomes) > 1 and (save is not None or table is not None):
            raise UsageError("--save and --table take one outcome.", "Fit one --outcome at a time.")
        loaded = _load(ctx, data)
        with progress_bar() as progress:
            fits = [
                study.fit(loaded, ladder=ladder, progress=progress, save=save, **{**_question(ctx), "outcome": o})
                for o in outcomes
            ]
        return fits[0] if len(fits) == 1 else study.Fits(tuple(fits))

    _run(work, as_json, lambda t, c, r: t.print_fits(c, r, table))


@app.command()
def explain(
    ctx: typer.Context,
    words: Annotated[list[str], typer.Argument(metavar="[A B] DATA", help="The pair and the data; with --by, DATA.")],
    by: Annotated[str | None, typer.Option(help="A third party: its part; without a pair, its pairs.")] = None,
    window: Annotated[tuple[str, str] | None, typer.Option(metavar="D D", help="Days of the attribution.")] = None,
    reference: Annotated[tuple[str, str] | None, typer.Option(metavar="D D", help="Days compared with.")] = None,
    report: Annotated[Path | None, typer.Option(help="Write the page to this HTML file.")] = None,
    save: Annotated[Path | None, typer.Option(help="Folder in which to keep the Study.")] = None,
    certificate: Annotated[
        bool, typer.Option("--certificate/--no-certificate", help="Did hostility come first? The verdict rests on it.")
    ] = True,
    permutations: Annotated[
        int | None, typer.Option(help="Draws of each null picture of the certificate (default 200; 0: none).")
    ] = None,
    model: Model = None,
    outcome: Outcome = None,
    response: Response = None,
    effects: Effects = None,
    half_life: HalfLifeText = None,
    slice_: SliceText = None,
    period: Period = None,
    transform: Transform = None,
    legs: Legs = None,
    decay_to: DecayTo = None,
    start: From = None,
    end: To = None,
    actors: Actors = None,
    mapping: Map = None,
    weight: Weight = None,
    mirrored: Mirrored = "auto",
    missing: Missing = None,
    undirected: Undirected = False,
    covariates: Covariates = None,
    carry: Carry = None,
    ladder: Ladder = False,
    adequacy: Adequacy = None,
    miscoding: Miscoding = None,
    sample: Sample = None,
    seed: Seed = None,
    as_json: Json = False,
) -> None:
    """Who drives A and B together? With --by K alone: whom does K drive together?"""
    from tertius import study
    from tertius.report.progress import progress_bar

    def work() -> Any:
        if report is not None and len(words) == 1:
            raise UsageError("--report is a page on a pair.", "Name the pair: tertius explain RUS PRK DATA --report F.")
        if len(words) != 3 and (len(words) != 1 or by is None):
            raise UsageError(
                f"explain takes a pair and data, not: {' '.join(words)}.",
                "Write: tertius explain RUS PRK DATA, or tertius explain --by USA DATA.",
            )
        a, b, data = words if len(words) == 3 else (None, None, words[0])
        with progress_bar() as progress:
            answer = study.explain(
                a, b, _load(ctx, data), by=by, window=window, reference=reference, ladder=ladder, save=save,
                certificate=certificate, progress=progress, **_question(ctx),
                **({} if permutations is None else {"permutations": permutations}),
            )  # fmt: skip
        if report is not None:
            _report(answer, report, as_json)
        return answer

    _run(work, as_json, lambda t, c, r: t.print_answer(c, r))


@app.command()
def codes(
    name: Annotated[str | None, typer.Argument(help="Part of a name, a code, a group, or an ontology.")] = None,
    date: Annotated[str | None, typer.Option(help="Who is meant, who exists, who is a member on this day.")] = None,
    groups: Annotated[
        Path | None, typer.Option(help="Groups of your own: CSV with group,actor,from,to, or a folder of them.")
    ] = None,
    seed: Seed = None,
    as_json: Json = False,
) -> None:
    """Actors, groups and event codes.

    The groups work in --actors of fit and explain too: @NATO is every member on any day of the span (--from, --to, else
    of the data), @groups/mine.csv every member of a group in that file, NATO without @ the organisation, one actor.
    They may be mixed: --actors @NATO,RUS,PRK.
    """
    from tertius.study import find_codes

    _run(lambda: _Document(find_codes(name, date, groups)), as_json, lambda t, c, r: t.print_codes(c, r.document))


class _Document:
    """A plain document with the face of a result."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document

    def to_dict(self) -> dict[str, Any]:
        return self.document


def _run(work: Callable[[], Any], as_json: bool, show: Callable[[Any, Any, Any], None]) -> None:
    """Do the work, print its result or the one message that says what to mend."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("always", TertiusWarning)
            warnings.showwarning = _show_warning  # type: ignore[assignment]
            with memory_named():
                result = work()
    except TertiusError as error:
        _fail(error, as_json)
    except OSError as error:
        where = error.filename or "The system"
        _fail(InputError(f"{where}: {error.strerror or error}.", "Check the path and its rights."), as_json)
    if as_json:
        sys.stdout.write(json.dumps(result.to_dict(), allow_nan=False, default=str) + "\n")
        return
    from tertius.report import terminal

    show(terminal, terminal.console(), result)


def _fail(error: TertiusError, as_json: bool) -> NoReturn:
    if as_json:
        sys.stdout.write(json.dumps(error.to_dict()) + "\n")
    else:
        sys.stderr.write(f"{type(error).__name__}: {error.message}\n{error.hint}\n".rstrip() + "\n")
    raise SystemExit(2)


def _show_warning(message: Warning | str, category: type[Warning], *_: Any) -> None:
    if issubclass(category, TertiusWarning):
        sys.stderr.write(f"Note: {message}\n")


def _report(answer: Any, path: Path, as_json: bool) -> None:
    from tertius.report.page import write_report

    write_report(answer, path)
    if not as_json:
        sys.stderr.write(f"Report written: {path}\n")


def _mapping(pairs: list[str] | None) -> dict[str, str]:
    """``a=b,c=d`` (also repeated) as a dictionary."""
    found: dict[str, str] = {}
    for part in ",".join(pairs or []).split(","):
        if not part.strip():
            continue
        ours, equals, theirs = part.partition("=")
        if not equals or not ours.strip() or not theirs.strip():
            raise UsageError(f"--map '{part}' is not ours=theirs.", "Write --map source=sender,target=receiver.")
        found[ours.strip()] = theirs.strip()
    return found


def _load(ctx: typer.Context, data: str) -> EventData:
    """DATA, with the options of the running command that say how to read a file."""
    from tertius.sources.loading import load

    given = ctx.params
    return load(
        data,
        directed=not given["undirected"],
        mapping=_mapping(given["mapping"]),
        weight=given["weight"],
        mirrored=given["mirrored"],
        missing=given["missing"],
    )


def _question(ctx: typer.Context) -> dict[str, Any]:
    """The options of this command that are fields of :class:`tertius.spec.ModelSpec`."""
    from dataclasses import fields

    from tertius.spec import ModelSpec

    given = {name.removesuffix("_"): value for name, value in ctx.params.items()}
    return {f.name: given.get(f.name) for f in fields(ModelSpec) if given.get(f.name) is not None}


def main() -> None:
    """Entry point of the command ``tertius``; alone, it prints its help."""
    try:
        code = app(sys.argv[1:] or ["--help"], prog_name="tertius", standalone_mode=False)
    except (typer.Abort, KeyboardInterrupt):
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # whoever does not want to wait for what still runs need not
        raise SystemExit(130) from None
    except PARSER_ERROR as error:
        context = getattr(error, "ctx", None)
        command = context.command_path if context else "tertius"
        _fail(UsageError(error.format_message(), f"See: {command} --help."), "--json" in sys.argv)
    raise SystemExit(code if isinstance(code, int) else 0)


if __name__ == "__main__":
    main()
