"""The commands of counsel: whatif, price, wedge, exchange."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from tertius.cli.kits import (
    FILE,
    KEPT,
    MODELLED,
    PERIODS,
    PRINTED,
    TALK,
    WINDOWS,
    Kit,
    load_data,
    question,
    spans,
)
from tertius.cli.options import QUESTION, An, Certify, Data, Other, actor_codes, many_of, one_of, option
from tertius.cli.run import answers, progress_of
from tertius.spec import DEFAULT_FACTOR, DEFAULT_LAGS, DEFAULT_WHATIF_DRAWS, PER

K = typer.Argument(
    metavar="K", help="The actor whose hostility it is, code or name.", autocompletion=one_of(actor_codes)
)
Adversaries = Annotated[
    str | None,
    option(
        "--adversaries", metavar="A,B,...", group=QUESTION, complete=many_of(actor_codes),
        help="K's adversaries.", default="with whom K had more hostility than cooperation in the reference",
    ),
]  # fmt: skip
OutcomeTypes = Annotated[
    str | None,
    option(
        "--outcome-types", metavar="T,U,...", group=QUESTION, default="all types",
        help="Event types that the outcome counts, as the data have them.",
    ),
]  # fmt: skip
ThreatTypes = Annotated[
    str | None,
    option(
        "--threat-types", metavar="T,U,...", group=QUESTION, default="all types",
        help="Types of hostility that the history holds: SANCTION, for sanctions as a threat of their own.",
    ),
]  # fmt: skip
Sets = Annotated[
    list[str],
    option(
        "--set", metavar="FLOW", group=QUESTION,
        help='A changed flow, "USA>RUS host x0.5 from 2021-01-01 to 2021-12-31": coop or host, xF a factor, =L a level '
        "a period; undirected data: USA-RUS. Give it once for each flow.",
    ),
]  # fmt: skip
CHANNELS: Kit = {"outcome_types": (OutcomeTypes, None), "threat_types": (ThreatTypes, None)}
CERTIFIED: Kit = {"certificate": (Certify, True)}
COUNSEL = (CHANNELS, CERTIFIED, MODELLED, FILE, PRINTED, KEPT, TALK)
HOSTILE: Kit = {"adversaries": (Adversaries, None), **WINDOWS}
"""What whatif, price and wedge take; and what the two that go through K's adversaries take besides."""


def _asked(ctx: typer.Context) -> dict[str, Any]:
    """What whatif, price and wedge hand on alike."""
    return {name: ctx.params[name] for name in (*CHANNELS, *CERTIFIED, *KEPT)} | question(ctx)


@answers(
    'tertius whatif RUS CHN STORE --set "USA>RUS host =0 from 2021-06-01"',
    'tertius whatif RUS PRK STORE --set "USA>RUS host x0.5 from 2021-01-01"',
    takes=COUNSEL,
)
def whatif(
    ctx: typer.Context,
    a: Annotated[str, An],
    b: Annotated[str, Other],
    data: Data,
    sets: Sets,
    draws: Annotated[
        int, option("--draws", metavar="N", help="Of both worlds; 0: the direct answer alone.", group=QUESTION)
    ] = DEFAULT_WHATIF_DRAWS,
) -> Any:
    """The pair's expected outcome had another's flow been more or less, directly and with consequences."""
    from tertius import study

    loaded = load_data(ctx, data)
    with progress_of(ctx) as progress:
        return study.whatif(a, b, loaded, sets=sets, draws=draws, progress=progress, **_asked(ctx))


@answers(
    "tertius price USA chronicle --adversaries RUS,CHN,PRK,IRN",
    "tertius price USA STORE --window 2022-02-24 2023-09-30",
    takes=(HOSTILE, *COUNSEL),
)
def price(
    ctx: typer.Context,
    k: Annotated[str, K],
    data: Data,
    per: Annotated[
        str,
        option(
            "--per", metavar="STEP", group=QUESTION, complete=one_of(lambda: PER),
            help="How much more hostility: sd, each flow's own standard deviation over time, or 10%.",
        ),
    ] = PER[0],
) -> Any:  # fmt: skip
    """What K's hostility goes with in the ties among those it is shown to."""
    from tertius import study

    loaded = load_data(ctx, data)
    adversaries = ctx.params["adversaries"]
    with progress_of(ctx) as progress:
        return study.price(k, loaded, per=per, adversaries=adversaries, progress=progress, **spans(ctx), **_asked(ctx))


@answers(
    "tertius wedge USA chronicle --adversaries RUS,CHN,PRK,IRN",
    "tertius wedge USA STORE --budget 200",
    takes=(HOSTILE, *COUNSEL),
)
def wedge(
    ctx: typer.Context,
    k: Annotated[str, K],
    data: Data,
    budget: Annotated[
        float | None,
        option(
            "--budget", metavar="X", group=QUESTION, default="any",
            help="Weight of hostility a period that may be given up.",
        ),
    ] = None,
    factor: Annotated[
        float,
        option(
            "--factor", metavar="F", group=QUESTION,
            help="What eased hostility is multiplied by, from the first day of the window.",
        ),
    ] = DEFAULT_FACTOR,
) -> Any:  # fmt: skip
    """Which easing of K's hostility, towards whom, goes with least cooperation among its adversaries?"""
    from tertius import study

    loaded = load_data(ctx, data)
    asked = {"budget": budget, "factor": factor, "adversaries": ctx.params["adversaries"]}
    with progress_of(ctx) as progress:
        return study.wedge(k, loaded, progress=progress, **asked, **spans(ctx), **_asked(ctx))


@answers(
    "tertius exchange RUS PRK chronicle --period 1y",
    "tertius exchange RUS PRK STORE --give AID --get COOPERATE",
    takes=(PERIODS, FILE, PRINTED, TALK),
)
def exchange(
    ctx: typer.Context,
    a: Annotated[str, An],
    b: Annotated[str, Other],
    data: Data,
    give: Annotated[
        str | None,
        option("--give", metavar="T,U,...", help="Event types from A to B.", group=QUESTION, default="all cooperation"),
    ] = None,
    get: Annotated[
        str | None,
        option("--get", metavar="T,U,...", help="Event types from B to A.", group=QUESTION, default="all cooperation"),
    ] = None,
    lags: Annotated[
        int,
        option("--lags", metavar="N", help="Periods that one may come before or after the other.", group=QUESTION),
    ] = DEFAULT_LAGS,
) -> Any:
    """Does one kind of flow go with another the other way, and how much later?"""
    from tertius import study

    return study.exchange(a, b, load_data(ctx, data), give=give, get=get, lags=lags, **question(ctx))
