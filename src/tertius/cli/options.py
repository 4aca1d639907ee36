"""How commands present themselves, and the options they share: help in groups with examples, completion by the shell.

Help is plain text of at most 80 columns, without colours or boxes: it starts fast and can be copied from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from tertius.errors import UsageError
from tertius.language import offered
from tertius.model.tables import FORMS as TABLES
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
    SORTS,
    TRANSFORMS,
)

ARGUMENTS, QUESTION, MODEL, READING, CERTIFICATE, OUTPUT, OPTIONS = GROUPS = (
    "Arguments", "Question", "Model", "Reading the data", "Certificate", "Output", "Options",
)  # fmt: skip
"""Headings of options, in the order in which help shows them."""

Complete = Callable[[str], list[str]]


class Command(TyperCommand):
    """A command whose help has its options in groups and ends with examples."""

    def format_usage(self, ctx: Any, formatter: Any) -> None:
        """Write the arguments as they are typed."""
        arguments = [str(getattr(p, "metavar", p.name)) for p in self.params if p.param_type_name == "argument"]
        formatter.write_usage(ctx.command_path, " ".join(["[OPTIONS]", *arguments]))

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write one section a group."""
        _write_groups(self, ctx, formatter, OUTPUT)

    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        """Write the examples, one a line, never wrapped."""
        _write_examples(self.epilog, formatter)


class Group(TyperGroup):
    """All commands: each with its whole first sentence, then the options and examples."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write the commands, then the options."""
        found = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        with formatter.section("Commands"):
            formatter.write_dl([(name, (c.help or "").split("\n\n")[0]) for name, c in found if c is not None])
        _write_groups(self, ctx, formatter, OPTIONS)

    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        """Write the examples."""
        _write_examples(self.epilog, formatter)


def option(
    *names: str,
    help: str,
    group: str = OUTPUT,
    default: str | None = None,
    complete: Complete | None = None,
    **more: Any,
) -> Any:
    """An option of a group; ``default`` says in words what holds where it is not given."""
    said = f"{help} Default: {default}." if default is not None else help
    return typer.Option(*names, help=said, rich_help_panel=group, show_default=False, autocompletion=complete, **more)


def one_of(choices: Callable[[], Iterable[str]]) -> Complete:
    """Completion by one word of the choices, which are looked up when they are needed."""

    def complete(incomplete: str) -> list[str]:
        return [c for c in choices() if c.lower().startswith(incomplete.lower())]

    return complete


def many_of(choices: Callable[[], Iterable[str]]) -> Complete:
    """Completion of the last word of a list with commas."""

    def complete(incomplete: str) -> list[str]:
        before, comma, last = incomplete.rpartition(",")
        return [f"{before}{comma}{c}" for c in choices() if c.lower().startswith(last.lower())]

    return complete


def effect_names() -> list[str]:
    """All effects, for completion."""
    from tertius.effects.registry import EFFECTS

    return list(EFFECTS)


def names_of_data() -> list[str]:
    """Data that have a name, for completion."""
    from tertius.sources.named import names

    return names()


def actor_codes() -> list[str]:
    """Codes of actors, for completion."""
    from tertius.codes import find_actors

    return [a.code for a in find_actors("")]


def group_names() -> list[str]:
    """Groups that come with tertius, for completion."""
    from tertius.codes.groups import all_groups

    return list(all_groups())


def words_of_a_pair() -> list[str]:
    """What may stand where actors and data do, for completion: files are completed by the shell itself."""
    return [*names_of_data(), *actor_codes()]


def rule_names() -> list[str]:
    """Rules that can be switched."""
    from tertius.sources.rules import CHOICES

    return list(CHOICES)


def listed(words: list[str] | None) -> list[str]:
    """Words out of options that may be given several times, each with commas.

    >>> listed(["a,b", "c"])
    ['a', 'b', 'c']
    """
    return [word.strip() for given in words or () for word in given.split(",") if word.strip()]


def format_names() -> list[str]:
    """Formats that can be imported, for completion."""
    from tertius.sources.importing import FORMATS

    return list(FORMATS)


def _write_groups(command: Any, ctx: Any, formatter: Any, otherwise: str) -> None:
    groups: dict[str, list[tuple[str, str]]] = {name: [] for name in GROUPS}
    for param in command.get_params(ctx):
        record = param.get_help_record(ctx)
        if record is None:
            continue
        is_argument = param.param_type_name == "argument"
        name = ARGUMENTS if is_argument else getattr(param, "rich_help_panel", None) or otherwise
        names, text = record
        if is_argument:
            names, text = param.metavar or names, text.replace("[required]", "").rstrip()
        if not is_argument and param.default is not None and not getattr(param, "is_flag", False):
            text += f" Default: {param.default}."
        groups[name].append((names, text))
    for name, lines in groups.items():
        if lines:
            with formatter.section(name):
                formatter.write_dl(lines)


def _write_examples(examples: str | None, formatter: Any) -> None:
    if examples:
        with formatter.section("Examples"):
            for line in examples.splitlines():
                formatter.write(f"  {line}\n")


def any_of(names: tuple[str, ...]) -> str:
    """ "a, b or c"."""
    return f"{', '.join(names[:-1])} or {names[-1]}"


Json = Annotated[bool, option("--json", help="One JSON document on stdout, nothing else.")]
Quiet = Annotated[bool, option("--quiet", "-q", help="No progress and no notes on stderr, only errors.")]
TableAs = Annotated[
    str | None,
    option(
        "--table", help=f"Print the rows alone, as {any_of(tuple(TABLES))}; csv and parquet have full precision.",
        metavar="FORM",
        default="tables and text for the terminal", complete=one_of(lambda: TABLES),
    ),
]  # fmt: skip
Data = Annotated[
    str,
    typer.Argument(metavar="DATA", help=f"{DATA_IS[0].upper()}{DATA_IS[1:]}.", autocompletion=one_of(names_of_data)),
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
BiasCorrection = Annotated[
    bool | None,
    option(
        "--bias-correction", help="Within-pair model: also correct for the bias of order 1/N.", group=MODEL,
        default=DEFAULTS["bias_correction"],
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
EngineAt = Annotated[
    str | None,
    option(
        "--engine",
        help="Sum the events where they are, and bring home dyad slices alone: spark://host:7077, "
        "connect://host:15002. DATA is a store whose folder it sees, or a table or Parquet path that it knows.",
        group=READING, metavar="ADDRESS", default="DuckDB, here",
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
At = Annotated[
    str | None,
    option(
        "--at", metavar="DAY", help="The day that divides before and after; of rank, a day in the period asked about.",
        group=QUESTION, default="where the last third of the data begins; of rank, the last period",
    ),
]  # fmt: skip
Types = Annotated[
    str | None,
    option(
        "--types", metavar="T,U,...", group=QUESTION, default="all types",
        help="Event types alone, as the data have them or as PLOVER calls them; digits take the types that begin so.",
    ),
]  # fmt: skip
By = Annotated[
    str | None,
    option(
        "--by", metavar="K", group=QUESTION,
        help="A third party, or @GROUP (members' parts summed): its part; without a pair, the pairs that it drives.",
        default="all third parties", complete=one_of(actor_codes),
    ),
]  # fmt: skip
ByOfPair = Annotated[
    str | None,
    option(
        "--by", metavar="K", group=QUESTION, help="A third party, or @GROUP (members' parts summed): its part.",
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
Actor = Annotated[
    str | None,
    option(
        "--actor", help="The pairs of this actor alone.", metavar="A", group=QUESTION, default="all pairs",
        complete=one_of(actor_codes),
    ),
]  # fmt: skip
Rose = Annotated[
    bool,
    option("--rose", help="Only pairs that rose: p, adjusted over all pairs, below .05.", group=QUESTION),
]
Top = Annotated[
    int | None, option("--top", help="At most N pairs.", metavar="N", group=QUESTION, default="all that are asked for")
]
Sort = Annotated[
    str | None,
    option(
        "--sort", metavar="BY", group=QUESTION, default="clearest", complete=one_of(lambda: SORTS),
        help=f"Which come first: {any_of(SORTS)}.",
    ),
]  # fmt: skip
PairsAndData = Annotated[
    list[str],
    typer.Argument(
        metavar="A-B... DATA", help=f"The pairs, two actors joined by a hyphen each, and the data: {DATA_IS}.",
        autocompletion=one_of(words_of_a_pair),
    ),
]  # fmt: skip
Report = Annotated[
    Path | None, option("--report", metavar="FILE.html", help="Write the page to this file.", default="no page")
]
Lang = Annotated[
    str,
    option(
        "--lang", metavar="CODE", help=f"Language of text and page: {', '.join(offered())}. --json stays English.",
        default="en", complete=one_of(offered),
    ),
]  # fmt: skip
Cache = Annotated[
    bool,
    option(
        "--cache/--no-cache", help="Take the fit from the cache folder, and keep it there. Default: kept.", group=OUTPUT
    ),
]
Save = Annotated[
    Path | None, option("--save", metavar="STUDY", help="Folder in which to keep the Study.", default="not kept")
]

Out = Annotated[Path, option("--out", metavar="DIR", help="Folder for report.html, made where it is not there.")]
FormatAndFiles = Annotated[
    list[Path],
    typer.Argument(
        metavar="[FORMAT] FILE...", autocompletion=one_of(format_names),
        help="Files or folders: Parquet, delimited text (.gz, .zip), .xlsx, .dta. FORMAT events, icews, dyads, "
             "gdelt1, "
        "gdelt2, polecat, keds or ucdp.",
    ),
]  # fmt: skip
Drop = Annotated[
    list[str] | None,
    option(
        "--drop", metavar="RULE,...", group=READING, default="the format's",
        help="Rules to switch on: not_root, same_day, far_date=DAYS, re_emitted=HOURS, other_sector=GOV+MIL, ...",
        complete=one_of(rule_names),
    ),
]  # fmt: skip
Keep = Annotated[
    list[str] | None,
    option(
        "--keep", metavar="RULE,...", group=READING, default="none",
        help="Rules to switch off: their rows are kept.", complete=one_of(rule_names),
    ),
]  # fmt: skip
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


def read_mapping(pairs: list[str] | None) -> dict[str, str]:
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
