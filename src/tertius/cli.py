"""The command line: parse, call, print. No logic.

Every command takes ``--json``: one document on stdout and nothing else there. Progress and warnings go to stderr.
Exit 0; 2 for what the user can mend, with one message; 1 for a fault of ours; 141 where the reader of a pipe has gone.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

if TYPE_CHECKING:
    from tertius.events.data import EventData

from tertius import __version__
from tertius.command import (
    CERTIFICATE,
    MODEL,
    OPTIONS,
    QUESTION,
    READING,
    Command,
    Group,
    actor_codes,
    effect_names,
    format_names,
    many_of,
    one_of,
    option,
    words_of_a_pair,
)
from tertius.errors import (
    InputError,
    TertiusError,
    TertiusWarning,
    UsageError,
    did_you_mean,
    disk_room,
    memory_named,
)
from tertius.model.tables import FORMATS as TABLES
from tertius.spec import (
    ADEQUACIES,
    DATA_IS,
    DECAYS,
    DEFAULT_PERMUTATIONS,
    DEFAULTS,
    LEGS,
    MODELS,
    OUTCOMES,
    RESPONSES,
    TRANSFORMS,
)

PARSER_ERROR: Any = next(c for c in typer.BadParameter.__mro__ if c.__name__ == "ClickException")
"""Base of the parser's errors, wherever this version of typer keeps them."""

COMPLETING = "_TERTIUS_COMPLETE"
READER_GONE = 141
"""What the shell reports of a program that a closed pipe ends: 128 + SIGPIPE."""

app = typer.Typer(
    cls=Group,
    help="Who drives whom together? Answers from dated events, and how far to believe them.",
    epilog="tertius demo\ntertius explain RUS PRK chronicle\ntertius explain --help",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def command(*examples: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Register a command by the name in its examples, with which its help ends."""
    return app.command(examples[0].split()[1], cls=Command, epilog="\n".join(examples))


def any_of(names: tuple[str, ...]) -> str:
    """ "a, b or c"."""
    return f"{', '.join(names[:-1])} or {names[-1]}"


Json = Annotated[bool, option("--json", help="One JSON document on stdout, nothing else.")]
Quiet = Annotated[bool, option("--quiet", "-q", help="No progress and no notes on stderr, only errors.")]
TableAs = Annotated[
    str | None,
    option(
        "--table", help=f"Print the rows alone, as {any_of(tuple(TABLES))}; csv has full precision.", metavar="FORM",
        default="tables and text for the terminal", complete=one_of(lambda: TABLES),
    ),
]  # fmt: skip
Data = Annotated[
    str,
    typer.Argument(
        metavar="DATA", help=f"{DATA_IS[0].upper()}{DATA_IS[1:]}.", autocompletion=one_of(lambda: ["chronicle"])
    ),
]
Seed = Annotated[int | None, option("--seed", help="Random seed.", metavar="N", default=DEFAULTS["seed"])]
Model = Annotated[
    str | None,
    option(
        "--model", help="within, rate or (fit alone) sign.", group=MODEL, metavar="NAME", default=DEFAULTS["model"],
        complete=one_of(lambda: MODELS),
    ),
]  # fmt: skip
Outcome = Annotated[
    str | None,
    option(
        "--outcome", help=f"{any_of(OUTCOMES)}; fit takes several, comma-separated.", group=QUESTION, metavar="NAME",
        default=DEFAULTS["outcome"], complete=many_of(lambda: OUTCOMES),
    ),
]  # fmt: skip
Response = Annotated[
    str | None,
    option(
        "--response", help=f"What the outcome adds up: {any_of(RESPONSES)}.", group=QUESTION, metavar="NAME",
        default=DEFAULTS["response"], complete=one_of(lambda: RESPONSES),
    ),
]  # fmt: skip
Effects = Annotated[
    str | None,
    option(
        "--effects", help="Effects and covariates, comma-separated.", group=MODEL, metavar="A,B,...",
        default=DEFAULTS["effects"], complete=many_of(effect_names),
    ),
]  # fmt: skip
HalfLifeText = Annotated[
    str | None,
    option(
        "--half-life", help="How fast the past is forgotten: 30d, none, or coop=30d,host=90d.", group=MODEL,
        metavar="DURATION", default=DEFAULTS["half_life"],
    ),
]  # fmt: skip
SliceText = Annotated[
    str | None,
    option(
        "--slice", help="Unit of time in which order is unknown: 15min, 1d, 1w ...", group=MODEL, metavar="DURATION",
        default=DEFAULTS["slice"],
    ),
]  # fmt: skip
Period = Annotated[
    str | None,
    option(
        "--period", help="Unit of the within-pair model and the certificate: 1mo, 3mo, 1y ...", group=MODEL,
        metavar="DURATION", default=DEFAULTS["period"],
    ),
]  # fmt: skip
Transform = Annotated[
    str | None,
    option(
        "--transform", help=f"Of the history: {any_of(TRANSFORMS)}.", group=MODEL, metavar="NAME",
        default=DEFAULTS["transform"], complete=one_of(lambda: TRANSFORMS),
    ),
]  # fmt: skip
Legs = Annotated[
    str | None,
    option(
        "--legs", help=f"How the two sides' hostility combines: {any_of(LEGS)}.", group=MODEL, metavar="NAME",
        default=DEFAULTS["legs"], complete=one_of(lambda: LEGS),
    ),
]  # fmt: skip
DecayTo = Annotated[
    str | None,
    option(
        "--decay-to", help="The history decays to the slice's own time (now) or to the slice with events before it "
        "(previous).", group=MODEL, metavar="NAME", default=DEFAULTS["decay_to"], complete=one_of(lambda: DECAYS),
    ),
]  # fmt: skip
From = Annotated[
    str | None,
    option("--from", help="First day of the data used.", group=QUESTION, metavar="DAY", default=DEFAULTS["start"]),
]
To = Annotated[
    str | None,
    option("--to", help="Last day of the data used.", group=QUESTION, metavar="DAY", default=DEFAULTS["end"]),
]
Covariates = Annotated[
    str | None,
    option(
        "--covariates", help="Files of covariates by a,b or actor, and date or year.", group=MODEL,
        metavar="FILE,...", default=DEFAULTS["covariates"],
    ),
]  # fmt: skip
Carry = Annotated[
    str | None,
    option(
        "--carry", help="How long a covariate's value holds at most.", group=MODEL, metavar="DURATION",
        default=DEFAULTS["carry"],
    ),
]  # fmt: skip
Ladder = Annotated[
    bool, option("--ladder", help="Ask again on every rung: rate to within-pair, sensitivity.", group=MODEL)
]
Adequacy = Annotated[
    str | None,
    option(
        "--adequacy", help="How well it fits: auto, full (holds out periods) or none.", group=MODEL, metavar="NAME",
        default=DEFAULTS["adequacy"], complete=one_of(lambda: ADEQUACIES),
    ),
]  # fmt: skip
Miscoding = Annotated[
    str | None,
    option(
        "--miscoding", help="A term, or foe: how many wrong codings would overturn its sign.", group=MODEL,
        metavar="TERM", default=DEFAULTS["miscoding"], complete=one_of(lambda: ["foe", *effect_names()]),
    ),
]  # fmt: skip
Sample = Annotated[
    int | None,
    option(
        "--sample", help="Rate model: draw N controls for each pair that acts in a slice.", group=MODEL, metavar="N",
        default=DEFAULTS["sample"],
    ),
]  # fmt: skip
ACTORS = (
    "The risk set, comma-separated: actors, @GROUP (all members in the span), @FILE (one a line, or a CSV of groups). "
    "A file is preferred to a group of its name."
)
Actors = Annotated[
    str | None,
    option(
        "--actors", help=ACTORS, group=QUESTION, metavar="A,B,...", default=DEFAULTS["actors"],
        complete=many_of(actor_codes),
    ),
]  # fmt: skip
Map = Annotated[
    list[str] | None,
    option(
        "--map", help="Columns of a file by other names, ours=theirs.", group=READING, metavar="OURS=THEIRS,...",
        default="our names",
    ),
]  # fmt: skip
Weight = Annotated[
    str | None,
    option(
        "--weight", help="What an event weighs: goldstein, mentions or sources.", group=READING, metavar="NAME",
        default="the column weight, else 1", complete=one_of(lambda: ["goldstein", "mentions", "sources"]),
    ),
]  # fmt: skip
Missing = Annotated[
    Path | None,
    option(
        "--missing", help="CSV with a column date: days without any record.", group=READING, metavar="FILE",
        default="none",
    ),
]  # fmt: skip
Undirected = Annotated[
    bool,
    option("--undirected", help="The file holds net dyadic weights: date, a, b, weight.", group=READING),
]
Mirrored = Annotated[
    str,
    option(
        "--mirrored", help="auto counts a mirrored coding one half each way; keep counts both.", group=READING,
        metavar="NAME", complete=one_of(lambda: ["auto", "keep"]),
    ),
]  # fmt: skip
Codes = Annotated[
    str,
    option(
        "--codes", help="names: names of actors become codes; cow, gw: numbers too; keep: nothing.", group=READING,
        metavar="NAME", complete=one_of(lambda: ["names", "cow", "gw", "keep"]),
    ),
]  # fmt: skip
An = typer.Argument(metavar="A", help="An actor: code or name.", autocompletion=one_of(actor_codes))
Other = typer.Argument(metavar="B", help="The other.", autocompletion=one_of(actor_codes))
Window = Annotated[
    tuple[str, str] | None,
    option(
        "--window", metavar="DAY DAY", help="First and last day to explain.", group=QUESTION,
        default="the last third of the data",
    ),
]  # fmt: skip
Reference = Annotated[
    tuple[str, str] | None,
    option(
        "--reference", metavar="DAY DAY", help="First and last day to compare with.", group=QUESTION,
        default="the span of equal length before the window",
    ),
]  # fmt: skip
By = Annotated[
    str | None,
    option(
        "--by", metavar="K", help="A third party: its part; without a pair, the pairs that it drives.", group=QUESTION,
        default="all third parties", complete=one_of(actor_codes),
    ),
]  # fmt: skip
Certify = Annotated[
    bool,
    option(
        "--certificate/--no-certificate", group=CERTIFICATE,
        help="Did hostility come first? The verdict rests on it. Default: asked.",
    ),
]  # fmt: skip
Permutations = Annotated[
    int | None,
    option(
        "--permutations", metavar="N", help="Draws of each null picture of the certificate; 0: none.",
        group=CERTIFICATE, default=str(DEFAULT_PERMUTATIONS),
    ),
]  # fmt: skip
Report = Annotated[
    Path | None, option("--report", metavar="FILE.html", help="Write the page to this file.", default="no page")
]
Save = Annotated[
    Path | None, option("--save", metavar="STUDY", help="Folder in which to keep the Study.", default="not kept")
]

Out = Annotated[Path, option("--out", metavar="DIR", help="Folder for report.html, made where it is not there.")]
FormatName = Annotated[
    str, typer.Argument(metavar="FORMAT", help="events, icews or dyads.", autocompletion=one_of(format_names))
]
Words = Annotated[
    list[str],
    typer.Argument(
        metavar="[A B] DATA", help=f"The pair and the data; with --by, the data alone: {DATA_IS}.",
        autocompletion=one_of(words_of_a_pair),
    ),
]  # fmt: skip
Name = Annotated[
    str | None,
    typer.Argument(
        metavar="[NAME]", help="Part of a name, a code, a group, or an ontology.", autocompletion=one_of(actor_codes)
    ),
]
Day = Annotated[
    str | None,
    option(
        "--date",
        metavar="DAY",
        help="Who is meant, who exists, who is a member on this day.",
        default="any day",
        group=QUESTION,
    ),
]
Groups = Annotated[
    Path | None,
    option(
        "--groups", metavar="FILE", help="Groups of your own: CSV with group,actor,from,to, or a folder of them.",
        default="none", group=QUESTION,
    ),
]  # fmt: skip


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"tertius {__version__}")
        raise typer.Exit


@app.callback()
def tertius(
    version: Annotated[
        bool,
        option("--version", help="Show the version and exit.", group=OPTIONS, callback=_version, is_eager=True),
    ] = False,
) -> None:
    """Who drives whom together? Answers from dated events, and how far to believe them."""


@command("tertius demo", "tertius demo --out PAGES")
def demo(
    out: Out = Path("."),
    seed: Seed = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """The embedded sample through the whole pipeline: who drives Russia and North Korea together?"""
    from tertius.report.page import check_destination
    from tertius.report.progress import progress_bar
    from tertius.study import demo as run

    page = out / "report.html"

    def work() -> Any:
        check_destination(page, make_folder=True)
        with progress_bar(quiet) as progress:
            return run(progress=progress, seed=seed)

    def write(answer: Any) -> None:
        out.mkdir(parents=True, exist_ok=True)
        _report(answer, page, as_json or quiet)

    _run(work, as_json, quiet, lambda t, c, r: t.print_demo(c, r, page), write)


@command(
    "tertius import events events.csv --into STORE",
    "tertius import icews events.2018.tab --into STORE --weight goldstein",
    "tertius import dyads net.parquet --missing gaps.csv --into NET",
)
def import_(
    fmt: FormatName,
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Parquet or delimited text (gzip too).")],
    into: Annotated[Path, option("--into", metavar="STORE", help="The store's folder, made where it is not there.")],
    mapping: Map = None,
    weight: Weight = None,
    mirrored: Mirrored = "auto",
    codes: Codes = "names",
    missing: Missing = None,
    seed: Seed = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Read files into a store and print the audit."""
    from tertius.report.progress import progress_bar
    from tertius.sources.importing import import_files

    def work() -> Any:
        with progress_bar(quiet) as progress:
            audit = import_files(
                fmt, files, into, mapping=_mapping(mapping), weight=weight, mirrored=mirrored, codes=codes,
                missing=missing, progress=progress,
            )  # fmt: skip
        return _Document(audit.to_dict())

    _run(work, as_json, quiet, lambda t, c, r: t.print_audit(c, r.document))


@command("tertius audit STORE")
def audit(
    store: Annotated[str, typer.Argument(metavar="STORE", help="A store folder, or STORE@snapshot.")],
    prune: Annotated[bool, option("--prune", help="Forget older snapshots, and say what was removed.")] = False,
    seed: Seed = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Rows read, kept and dropped, by rule and file; coverage. Every byte of the store is compared with its hash."""
    from tertius.study import audit as read_audit

    _run(
        lambda: _Document(read_audit(store, forget=prune)), as_json, quiet, lambda t, c, r: t.print_audit(c, r.document)
    )


@command("tertius describe chronicle", "tertius describe events.csv --map source=sender,target=receiver")
def describe(
    ctx: typer.Context,
    data: Data,
    mapping: Map = None,
    weight: Weight = None,
    mirrored: Mirrored = "auto",
    codes: Codes = "names",
    missing: Missing = None,
    undirected: Undirected = False,
    seed: Seed = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Actors, span, events by class, busiest pairs."""
    _run(
        lambda: _Document(_load(ctx, data).describe()), as_json, quiet, lambda t, c, r: t.print_describe(c, r.document)
    )


@command(
    "tertius events RUS PRK chronicle --from 2022-02-24",
    "tertius events USA China STORE --limit 1000 --table csv > rows.csv",
)
def events(
    ctx: typer.Context,
    a: Annotated[str, An],
    b: Annotated[str, Other],
    data: Data,
    start: From = None,
    end: To = None,
    mapping: Map = None,
    weight: Weight = None,
    mirrored: Mirrored = "auto",
    codes: Codes = "names",
    missing: Missing = None,
    undirected: Undirected = False,
    limit: Annotated[int, option("--limit", min=1, metavar="N", help="Rows at most, latest first.")] = 50,
    table: TableAs = None,
    seed: Seed = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """The rows behind a pair."""
    from tertius.study import events_between

    def work() -> Any:
        _check_table(table, as_json)
        found = events_between(a, b, _load(ctx, data), start, end, limit)
        if table is not None and found["n"] > limit:
            warnings.warn(f"{limit:,} of {found['n']:,} rows: raise --limit.", TertiusWarning, stacklevel=2)
        return _Document(found)

    _run(
        work,
        as_json,
        quiet,
        lambda t, c, r: t.print_table(r.document, table) if table else t.print_events(c, r.document),
    )


@command(
    "tertius fit chronicle --slice 1mo --half-life 2y",
    "tertius fit STORE --ladder --save STUDY",
    "tertius fit STORE --effects inertia,shared_threat --table latex",
)
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
    codes: Codes = "names",
    missing: Missing = None,
    undirected: Undirected = False,
    covariates: Covariates = None,
    carry: Carry = None,
    ladder: Ladder = False,
    adequacy: Adequacy = None,
    miscoding: Miscoding = None,
    sample: Sample = None,
    seed: Seed = None,
    save: Save = None,
    table: TableAs = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Coefficients: what drives who acts towards whom."""
    from tertius import study
    from tertius.report.progress import progress_bar

    def work() -> Any:
        _check_table(table, as_json)
        outcomes = outcome.split(",") if outcome is not None else [None]
        if len(outcomes) > 1 and (save is not None or table is not None):
            raise UsageError("--save and --table take one outcome.", "Fit one --outcome at a time.")
        _check_places(save)
        loaded = _load(ctx, data)
        with progress_bar(quiet) as progress:
            fits = [
                study.fit(loaded, ladder=ladder, progress=progress, save=save, **{**_question(ctx), "outcome": o})
                for o in outcomes
            ]
        return fits[0] if len(fits) == 1 else study.Fits(tuple(fits))

    _run(work, as_json, quiet, lambda t, c, r: t.print_table(r, table) if table else t.print_fits(c, r))


@command(
    "tertius explain RUS PRK chronicle --slice 1mo --half-life 2y",
    "tertius explain USA PRK STORE --window 2022-02-24 2023-09-30",
    "tertius explain Russia China STORE --report page.html",
    "tertius explain --by USA STORE --table csv > pairs.csv",
)
def explain(
    ctx: typer.Context,
    words: Words,
    by: By = None,
    window: Window = None,
    reference: Reference = None,
    report: Report = None,
    save: Save = None,
    table: TableAs = None,
    certificate: Certify = True,
    permutations: Permutations = None,
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
    codes: Codes = "names",
    missing: Missing = None,
    undirected: Undirected = False,
    covariates: Covariates = None,
    carry: Carry = None,
    ladder: Ladder = False,
    adequacy: Adequacy = None,
    miscoding: Miscoding = None,
    sample: Sample = None,
    seed: Seed = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Who drives A and B together? With --by K alone: whom does K drive together?"""
    from tertius import study
    from tertius.report.progress import progress_bar

    def work() -> Any:
        _check_table(table, as_json)
        pair, data = _pair_and_data(words, by)
        if report is not None and not pair:
            raise UsageError("--report is a page on a pair.", "Name the pair: tertius explain RUS PRK DATA --report F.")
        _check_places(save, report)
        loaded = _load(ctx, data)
        asked: dict[str, Any] = {"by": by, "window": window, "reference": reference, "ladder": ladder, "save": save}
        asked |= {"certificate": certificate, **_question(ctx)}
        asked |= {} if permutations is None else {"permutations": permutations}
        with progress_bar(quiet) as progress:
            if pair:
                return study.explain(*pair, loaded, progress=progress, **asked)
            return study.explain(None, None, loaded, progress=progress, **asked)

    write = None if report is None else lambda answer: _report(answer, report, as_json or quiet)
    _run(work, as_json, quiet, lambda t, c, r: t.print_table(r, table) if table else t.print_answer(c, r), write)


@command("tertius codes Korea", "tertius codes NATO --date 2004-03-29", "tertius codes plover")
def codes(
    name: Name = None,
    date: Day = None,
    groups: Groups = None,
    seed: Seed = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Actors, groups and event codes.

    The groups work in --actors of fit and explain too: @NATO is every member on any day of the span (--from, --to, else
    of the data), @groups/mine.csv every member of a group in that file, NATO without @ the organisation, one actor.
    They may be mixed: --actors @NATO,RUS,PRK.
    """
    from tertius.study import find_codes

    _run(
        lambda: _Document(find_codes(name, date, groups)), as_json, quiet, lambda t, c, r: t.print_codes(c, r.document)
    )


class _Document:
    """A plain document with the face of a result."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document

    def to_dict(self) -> dict[str, Any]:
        return self.document


def _run(
    work: Callable[[], Any],
    as_json: bool,
    quiet: bool,
    show: Callable[[Any, Any, Any], None],
    write: Callable[[Any], None] | None = None,
) -> None:
    """Do the work, print its result or the one message that says what to mend.

    ``write`` puts the result into a file too. Where that fails, the result is printed all the same, and then the error.
    """
    unwritten = None
    try:
        with _in_our_words(quiet):
            result = work()
    except TertiusError as error:
        _fail(error, as_json)
    if write is not None:
        try:
            with _in_our_words(quiet):
                write(result)
        except TertiusError as error:
            unwritten = error
    try:
        if as_json:
            sys.stdout.write(json.dumps(result.to_dict(), allow_nan=False, default=str) + "\n")
        else:
            from tertius.report import terminal

            show(terminal, terminal.console(), result)
        sys.stdout.flush()
    except BrokenPipeError:
        _reader_gone()
    if unwritten is not None:
        _fail(unwritten, False)


@contextmanager
def _in_our_words(quiet: bool) -> Iterator[None]:
    """Warnings go to stderr, and what the system complains of is an error of ours."""
    with warnings.catch_warnings():
        warnings.simplefilter("always", TertiusWarning)
        warnings.showwarning = _no_warning if quiet else _show_warning  # type: ignore[assignment]
        try:
            with disk_room(), memory_named():
                yield
        except BrokenPipeError:
            _reader_gone()
        except OSError as error:
            where = error.filename or "The system"
            raise InputError(f"{where}: {error.strerror or error}.", "Check the path and its rights.") from None


def _reader_gone() -> NoReturn:
    """End without a word: whoever read standard output (``| head -1``) wants no more of it."""
    with contextlib.suppress(OSError):  # else Python complains of the closed pipe when it ends
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    raise SystemExit(READER_GONE)


def _fail(error: TertiusError, as_json: bool) -> NoReturn:
    if as_json:
        sys.stdout.write(json.dumps(error.to_dict()) + "\n")
    else:
        sys.stderr.write(f"{type(error).__name__}: {error.message}\n{error.hint}\n".rstrip() + "\n")
    raise SystemExit(2)


def _no_warning(*_: Any) -> None:
    """--quiet: the result keeps its warnings, stderr shows none."""


def _show_warning(message: Warning | str, category: type[Warning], *_: Any) -> None:
    if issubclass(category, TertiusWarning):
        sys.stderr.write(f"Note: {message}\n")


def _check_table(table: str | None, as_json: bool) -> None:
    if table is None:
        return
    if table not in TABLES:
        near = did_you_mean(table, TABLES)
        raise UsageError(f"--table '{table}' does not exist.", f"{near}Choose {any_of(tuple(TABLES))}.")
    if as_json:
        raise UsageError("--table and --json both want standard output.", "Leave one of them out.")


def _pair_and_data(words: list[str], by: str | None) -> tuple[tuple[str, str] | tuple[()], str]:
    """The pair (or nothing, with --by) and DATA. Raises UsageError, saying what is missing."""
    if len(words) == 3:
        return (words[0], words[1]), words[2]
    if len(words) == 1 and by is not None:
        return (), words[0]
    written = "Write: tertius explain RUS PRK DATA, or tertius explain --by USA DATA."
    if len(words) == 2:
        a, b = words
        raise UsageError(
            f"explain {a} {b}: DATA is missing.",
            f"For example: tertius explain {a} {b} chronicle. {written} DATA is {DATA_IS}.",
        )
    raise UsageError(f"explain takes a pair and data, not: {' '.join(words)}.", written)


def _check_places(save: Path | None, report: Path | None = None) -> None:
    """Raises UsageError, before the work begins, where what comes out of it cannot be written."""
    if save is not None:
        from tertius import study_folder

        study_folder.check_destination(save)
    if report is not None:
        from tertius.report import page

        page.check_destination(report)


def _report(answer: Any, path: Path, silent: bool) -> None:
    from tertius.report.page import write_report

    write_report(answer, path)
    if not silent:
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
        codes=given["codes"],
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
    except SystemExit as stopped:
        if stopped.code == 1 and COMPLETING not in os.environ:  # the parser's own end where a pipe is closed
            _reader_gone()
        raise
    except (typer.Abort, KeyboardInterrupt):
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # whoever does not want to wait for what still runs need not
        raise SystemExit(130) from None
    except PARSER_ERROR as error:
        context = getattr(error, "ctx", None)
        named = [name.name for name in app.registered_commands if name.name in sys.argv[1:2]]
        command = context.command_path if context else " ".join(["tertius", *filter(None, named)])
        _fail(UsageError(error.format_message(), f"See: {command} --help."), "--json" in sys.argv)
    raise SystemExit(code if isinstance(code, int) else 0)


if __name__ == "__main__":
    main()
