"""The commands that ask: demo, fit, explain, pairs, compare."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from tertius.cli.kits import (
    CHECKED,
    ENGINE,
    FILE,
    KEPT,
    MODELLED,
    PRINTED,
    TALK,
    WINDOWS,
    Kit,
    load_data,
    question,
    spans,
)
from tertius.cli.options import (
    Actor,
    By,
    Certify,
    Data,
    Ladder,
    Out,
    PairsAndData,
    Permutations,
    Rose,
    Save,
    Sort,
    Top,
    Words,
)
from tertius.cli.run import answers, carry_out, command, progress_of
from tertius.errors import UsageError
from tertius.language import say
from tertius.spec import DATA_IS

if TYPE_CHECKING:
    from tertius.report.document import Section

ANSWERED: Kit = {"by": (By, None), "certificate": (Certify, True), "permutations": (Permutations, None)}
"""What explain takes, and brief, which hands its answer on."""
STUDIED = (MODELLED, CHECKED, FILE, ENGINE, PRINTED, TALK)
"""What fit takes, and what asks it."""
SAVED: Kit = {"ladder": (Ladder, False), "save": (Save, None)}


@command("tertius demo", "tertius demo --out PAGES", takes=(TALK,))
def demo(ctx: typer.Context, out: Out = Path(".")) -> None:
    """Who drives Russia and North Korea together? The whole pipeline on real data, with its page.

    The data are the atlas, from the package tertius-atlas; where that is not installed, a simulated world.
    """
    from tertius.study import demo as run

    page = out / "report.html"

    def work() -> Any:
        with progress_of(ctx) as progress:
            return run(progress=progress, seed=ctx.params["seed"])

    carry_out(ctx, work, report=page, make_folder=True, closing=(_next_section(page),))


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


@answers(
    "tertius fit chronicle --slice 1mo --half-life 2y",
    "tertius fit STORE --ladder --save STUDY",
    "tertius fit STORE --effects inertia,shared_threat --table latex",
    takes=(SAVED, *STUDIED),
)
def fit(ctx: typer.Context, data: Data) -> Any:
    """Coefficients: what drives who acts towards whom."""
    from tertius import study

    outcome, save = ctx.params["outcome"], ctx.params["save"]
    outcomes = outcome.split(",") if outcome is not None else [None]
    if len(outcomes) > 1 and (save is not None or ctx.params["table"] is not None):
        raise UsageError("--save and --table take one outcome.", "Fit one --outcome at a time.")
    _check_save(save)
    loaded = load_data(ctx, data)
    with progress_of(ctx) as progress:
        fits = [
            study.fit(loaded, progress=progress, **{name: ctx.params[name] for name in SAVED}, **asked)
            for asked in ({**question(ctx), "outcome": o} for o in outcomes)
        ]
    return fits[0] if len(fits) == 1 else study.Fits(tuple(fits))


@answers(
    "tertius explain RUS PRK chronicle --slice 1mo --half-life 2y",
    "tertius explain USA PRK STORE --window 2022-02-24 2023-09-30",
    "tertius explain Russia China STORE --report page.html",
    "tertius explain --by USA STORE --table csv > pairs.csv",
    takes=(ANSWERED, WINDOWS, SAVED, *STUDIED, KEPT),
)
def explain(ctx: typer.Context, words: Words) -> Any:
    """Who drives A and B together? With --by K alone: whom does K drive together?"""
    from tertius import study

    pair, data = _pair_and_data(words, ctx.params["by"])
    _check_save(ctx.params["save"])
    loaded = load_data(ctx, data)
    everything = {name: ctx.params[name] for name in SAVED} | asked(ctx)
    with progress_of(ctx) as progress:
        if pair:
            return study.explain(*pair, loaded, progress=progress, **everything)
        return study.explain(None, None, loaded, progress=progress, **everything)


def asked(ctx: typer.Context) -> dict[str, Any]:
    """What explain and brief hand on alike."""
    given = {name: ctx.params[name] for name in (*ANSWERED, *KEPT)}
    if given["permutations"] is None:
        del given["permutations"]
    return given | spans(ctx) | question(ctx)


@answers(
    "tertius pairs chronicle --slice 1mo --half-life 2y",
    "tertius pairs STORE --rose --actor USA",
    "tertius pairs STORE --table csv > pairs.csv",
    takes=(WINDOWS, *STUDIED, KEPT),
)
def pairs(
    ctx: typer.Context,
    data: Data,
    actor: Actor = None,
    rose: Rose = False,
    top: Top = None,
    sort: Sort = None,
) -> Any:
    """All pairs: which rose, on whom it hangs, and what the certificate says of each."""
    from tertius import study

    loaded = load_data(ctx, data)
    with progress_of(ctx) as progress:
        return study.pairs(
            loaded, actor=actor, rose=rose, top=top, sort=sort, cache=ctx.params["cache"], progress=progress,
            **spans(ctx), **question(ctx),
        )  # fmt: skip


@answers(
    "tertius compare RUS-PRK RUS-CHN chronicle --slice 1mo --half-life 2y",
    "tertius compare IND-PAK USA-CHN STORE --window 2022-02-24 2023-09-30",
    takes=(WINDOWS, *STUDIED, KEPT),
)
def compare(ctx: typer.Context, words: PairsAndData) -> Any:
    """Pairs side by side, each as among all pairs."""
    from tertius import study

    if len(words) < 2:
        raise UsageError("compare takes pairs and data.", "Write: tertius compare RUS-PRK IND-PAK DATA.")
    loaded = load_data(ctx, words[-1])
    with progress_of(ctx) as progress:
        return study.compare(
            words[:-1], loaded, cache=ctx.params["cache"], progress=progress, **spans(ctx), **question(ctx)
        )


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
