"""The commands that ask: demo, fit, explain, pairs, compare."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from tertius.cli.options import (
    Actor,
    Actors,
    Adequacy,
    BiasCorrection,
    By,
    Cache,
    Carry,
    Certify,
    Codes,
    Covariates,
    Data,
    DecayTo,
    Effects,
    EngineAt,
    From,
    HalfLifeText,
    Json,
    Ladder,
    Lang,
    Legs,
    Map,
    Mirrored,
    Miscoding,
    Missing,
    Model,
    Out,
    Outcome,
    PairsAndData,
    Period,
    Permutations,
    Quiet,
    Reference,
    Report,
    Response,
    Rose,
    Sample,
    Save,
    Seed,
    SliceText,
    Sort,
    TableAs,
    To,
    Top,
    Transform,
    Undirected,
    Weight,
    Window,
    Words,
    load_data,
    question,
)
from tertius.cli.run import carry_out, command
from tertius.errors import UsageError
from tertius.language import ENGLISH, say
from tertius.spec import DATA_IS

if TYPE_CHECKING:
    from tertius.report.document import Section


@command("tertius demo", "tertius demo --out PAGES")
def demo(
    out: Out = Path("."),
    seed: Seed = None,
    lang: Lang = ENGLISH,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Who drives Russia and North Korea together? The whole pipeline on real data, with its page.

    The data are the atlas, from the package tertius-atlas; where that is not installed, a simulated world.
    """
    from tertius.report.progress import progress_bar
    from tertius.study import demo as run

    page = out / "report.html"

    def work() -> Any:
        with progress_bar(quiet) as progress:
            return run(progress=progress, seed=seed)

    carry_out(work, as_json, quiet, language=lang, report=page, make_folder=True, closing=(_next_section(page),))


def _next_section(page: Path) -> Section:
    """Where the page of the demo is, and what to ask next."""
    from tertius.report.document import Command, Prose, Section
    from tertius.sources.named import ATLAS, INSTALL, is_installed

    asked: tuple[Command, ...]
    if is_installed(ATLAS):
        asked = (
            Command(
                "tertius explain IND PAK atlas --permutations 50", say("Next: another pair, which takes a moment now,")
            ),
            Command(
                "tertius isolation RUS atlas --at 2022-03-01", say("with how many partners, before and after a day,")
            ),
        )
    else:
        asked = (Command(INSTALL[ATLAS], say("Next: real data; in a checkout of tertius,")),)
    return Section(
        "next",
        "",
        (
            Prose(say("The page of this answer, for any browser, without a network:")),
            Prose(f"  {page}", style="code"),
            *asked,
            Command("tertius explain S02 S08 planted", say("a simulated world in which hostility does come first,")),
            Command("tertius explain S01 S29 reversed", say("one in which it comes last,")),
            Command(
                "tertius import events FILE.csv --into STORE", say("and data of your own (tertius import --help).")
            ),
        ),
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
    engine: EngineAt = None,
    covariates: Covariates = None,
    carry: Carry = None,
    ladder: Ladder = False,
    adequacy: Adequacy = None,
    bias_correction: BiasCorrection = None,
    miscoding: Miscoding = None,
    sample: Sample = None,
    seed: Seed = None,
    save: Save = None,
    report: Report = None,
    table: TableAs = None,
    lang: Lang = ENGLISH,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Coefficients: what drives who acts towards whom."""
    from tertius import study
    from tertius.report.progress import progress_bar

    def work() -> Any:
        outcomes = outcome.split(",") if outcome is not None else [None]
        if len(outcomes) > 1 and (save is not None or table is not None):
            raise UsageError("--save and --table take one outcome.", "Fit one --outcome at a time.")
        _check_save(save)
        loaded = load_data(ctx, data)
        with progress_bar(quiet) as progress:
            fits = [
                study.fit(loaded, ladder=ladder, progress=progress, save=save, **{**question(ctx), "outcome": o})
                for o in outcomes
            ]
        return fits[0] if len(fits) == 1 else study.Fits(tuple(fits))

    carry_out(work, as_json, quiet, language=lang, table=table, report=report)


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
    engine: EngineAt = None,
    covariates: Covariates = None,
    carry: Carry = None,
    ladder: Ladder = False,
    adequacy: Adequacy = None,
    bias_correction: BiasCorrection = None,
    miscoding: Miscoding = None,
    sample: Sample = None,
    seed: Seed = None,
    cache: Cache = True,
    lang: Lang = ENGLISH,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Who drives A and B together? With --by K alone: whom does K drive together?"""
    from tertius import study
    from tertius.report.progress import progress_bar

    def work() -> Any:
        pair, data = _pair_and_data(words, by)
        _check_save(save)
        loaded = load_data(ctx, data)
        asked: dict[str, Any] = {"by": by, "window": window, "reference": reference, "ladder": ladder, "save": save}
        asked |= {"certificate": certificate, "cache": cache, **question(ctx)}
        asked |= {} if permutations is None else {"permutations": permutations}
        with progress_bar(quiet) as progress:
            if pair:
                return study.explain(*pair, loaded, progress=progress, **asked)
            return study.explain(None, None, loaded, progress=progress, **asked)

    carry_out(work, as_json, quiet, language=lang, table=table, report=report)


@command(
    "tertius pairs chronicle --slice 1mo --half-life 2y",
    "tertius pairs STORE --rose --actor USA",
    "tertius pairs STORE --table csv > pairs.csv",
)
def pairs(
    ctx: typer.Context,
    data: Data,
    actor: Actor = None,
    rose: Rose = False,
    top: Top = None,
    sort: Sort = None,
    window: Window = None,
    reference: Reference = None,
    report: Report = None,
    table: TableAs = None,
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
    engine: EngineAt = None,
    covariates: Covariates = None,
    carry: Carry = None,
    adequacy: Adequacy = None,
    bias_correction: BiasCorrection = None,
    miscoding: Miscoding = None,
    sample: Sample = None,
    seed: Seed = None,
    cache: Cache = True,
    lang: Lang = ENGLISH,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """All pairs: which rose, on whom it hangs, and what the certificate says of each."""
    from tertius import study
    from tertius.report.progress import progress_bar

    def work() -> Any:
        loaded = load_data(ctx, data)
        with progress_bar(quiet) as progress:
            return study.pairs(
                loaded, window=window, reference=reference, actor=actor, rose=rose, top=top, sort=sort,
                cache=cache, progress=progress, **question(ctx),
            )  # fmt: skip

    carry_out(work, as_json, quiet, language=lang, table=table, report=report)


@command(
    "tertius compare RUS-PRK RUS-CHN chronicle --slice 1mo --half-life 2y",
    "tertius compare IND-PAK USA-CHN STORE --window 2022-02-24 2023-09-30",
)
def compare(
    ctx: typer.Context,
    words: PairsAndData,
    window: Window = None,
    reference: Reference = None,
    report: Report = None,
    table: TableAs = None,
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
    engine: EngineAt = None,
    covariates: Covariates = None,
    carry: Carry = None,
    adequacy: Adequacy = None,
    bias_correction: BiasCorrection = None,
    miscoding: Miscoding = None,
    sample: Sample = None,
    seed: Seed = None,
    cache: Cache = True,
    lang: Lang = ENGLISH,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Pairs side by side, each as among all pairs."""
    from tertius import study
    from tertius.report.progress import progress_bar

    def work() -> Any:
        if len(words) < 2:
            raise UsageError("compare takes pairs and data.", "Write: tertius compare RUS-PRK IND-PAK DATA.")
        loaded = load_data(ctx, words[-1])
        with progress_bar(quiet) as progress:
            return study.compare(
                words[:-1], loaded, window=window, reference=reference, cache=cache, progress=progress, **question(ctx)
            )

    carry_out(work, as_json, quiet, language=lang, table=table, report=report)


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


def _check_save(save: Path | None) -> None:
    """Raises UsageError, before the work begins, where the Study could not be written."""
    if save is not None:
        from tertius import study_folder

        study_folder.check_destination(save)
