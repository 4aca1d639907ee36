"""The commands of structure over time: balance, isolation, ties, trend, rank."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from tertius.cli.kits import COUNTED, FILE, PRINTED, SPAN, TALK, Kit, load_data, question
from tertius.cli.options import (
    MODEL,
    QUESTION,
    Actors,
    An,
    At,
    Data,
    Groups,
    Other,
    Outcome,
    Response,
    Types,
    actor_codes,
    any_of,
    group_names,
    many_of,
    names_of_data,
    one_of,
    option,
)
from tertius.cli.run import answers, progress_of
from tertius.spec import (
    CAMPS,
    DATA_IS,
    DEFAULT_BESIDE,
    DEFAULT_CAMPS,
    DEFAULT_DRAWS,
    DEFAULT_NEUTRAL,
    DEFAULT_SECONDS,
    DEFAULT_WINDOW,
    EDGES_AN_ACTOR,
    NEUTRALS,
)

Edges = Annotated[
    str,
    typer.Argument(
        metavar="DATA_OR_EDGES",
        help=f"An edge list, CSV or Parquet with columns a, b, sign and perhaps window and weight; or {DATA_IS}.",
        autocompletion=one_of(names_of_data),
    ),
]
Beside = Annotated[
    str | None,
    option(
        "--beside", metavar="B,C,...", help="Others whose change the actor's is set against.", group=QUESTION,
        default=f"the {DEFAULT_BESIDE} with most of the outcome", complete=many_of(actor_codes),
    ),
]  # fmt: skip
Group = Annotated[
    str | None,
    option(
        "--group", metavar="NAME", help="Partners among the members of this group alone; overall stands beside.",
        group=QUESTION, default="all actors", complete=one_of(group_names),
    ),
]  # fmt: skip
OUTCOME: Kit = {"outcome": (Outcome, None)}
MOVEMENT: Kit = {"at": (At, None), "types": (Types, None), **COUNTED, **FILE, **PRINTED, **TALK}
"""What isolation, trend and rank take."""
BALANCE: Kit = {
    "response": (Response, None), "types": (Types, None), **SPAN, "actors": (Actors, None), **FILE, **PRINTED, **TALK,
}  # fmt: skip
"""What balance takes besides its own."""


@answers(
    "tertius balance chronicle --window 5y",
    "tertius balance edges.csv --camps free --draws 0",
    "tertius balance STORE --window 3mo --threshold 20",
    "tertius balance chronicle --of RUS --draws 0",
    takes=(BALANCE,),
)
def balance(
    ctx: typer.Context,
    data: Edges,
    window: Annotated[
        str, option("--window", metavar="DURATION", help="Length of a window of a store: 3mo, 1y ...", group=QUESTION)
    ] = DEFAULT_WINDOW,
    camps: Annotated[
        str,
        option(
            "--camps",
            metavar="N",
            help="Camps that are drawn: 2 or free. Both costs are computed.",
            group=QUESTION,
            complete=one_of(lambda: CAMPS),
        ),
    ] = DEFAULT_CAMPS,
    threshold: Annotated[
        float | None,
        option(
            "--threshold",
            metavar="X",
            help="An edge is a net of more than X per observed day, either way.",
            group=MODEL,
            default=f"the least of 0, 1, 2, 5, 10 ... that leaves {EDGES_AN_ACTOR:g} edges an actor or fewer",
        ),
    ] = None,
    neutral: Annotated[
        str,
        option(
            "--neutral",
            metavar="NAME",
            group=MODEL,
            complete=one_of(lambda: NEUTRALS),
            help=f"What nets to zero: {any_of(NEUTRALS)}; actors is what the two deal like with everybody, window the "
            "window's own mix, even as much hostility as cooperation.",
        ),
    ] = DEFAULT_NEUTRAL,
    weighted: Annotated[
        bool, option("--weighted", help="An edge weighs its net; else every edge weighs 1.", group=MODEL)
    ] = False,
    of: Annotated[
        str | None,
        option(
            "--of",
            metavar="A",
            help="Show where this actor stood, window by window; all actors make the camps.",
            group=QUESTION,
            default="everybody",
            complete=one_of(actor_codes),
        ),
    ] = None,
    draws: Annotated[
        int, option("--draws", metavar="N", help="Null networks of each kind and window; 0: none.", group=MODEL)
    ] = DEFAULT_DRAWS,
    seconds: Annotated[
        float,
        option(
            "--seconds",
            metavar="S",
            help="For each cost of each window at most; then both bounds are given.",
            group=MODEL,
        ),
    ] = DEFAULT_SECONDS,
    export: Annotated[
        Path | None,
        option(
            "--export",
            metavar="FILE",
            help="Edges and camps to a new file: .graphml (last window), .csv, .parquet.",
            default="none",
        ),
    ] = None,
) -> Any:
    """Who stands with whom: camps over time, frustration with its proof, and chance."""
    from tertius import study
    from tertius.report.export import check_export
    from tertius.report.export import export as write
    from tertius.sources.edges import is_edges

    if export is not None:
        check_export(export)
    opened = data if is_edges(data) else load_data(ctx, data)
    with progress_of(ctx) as progress:
        found = study.balance(
            opened, window=window, camps=camps, threshold=threshold, neutral=neutral, weighted=weighted, draws=draws,
            seconds=seconds, of=of, types=ctx.params["types"], progress=progress, **question(ctx),
        )  # fmt: skip
    if export is not None:
        write(found, export)
    return found


@answers(
    "tertius isolation RUS chronicle --at 2014-03-01 --period 1y",
    "tertius isolation RUS STORE --at 2022-03-01 --group G77",
    takes=(OUTCOME, MOVEMENT),
)
def isolation(
    ctx: typer.Context,
    a: Annotated[str, An],
    data: Data,
    group: Group = None,
    groups: Groups = None,
    beside: Beside = None,
) -> Any:
    """With how many partners does A deal, in effect, before and after a day?"""
    from tertius import study

    return study.isolation(
        a, load_data(ctx, data), group=group, groups=groups, beside=beside, **_dated(ctx), **question(ctx)
    )


@answers(
    "tertius ties RUS chronicle --at 2014-03-01 --period 1y",
    "tertius ties RUS STORE --types SANCTION",
    takes=(MOVEMENT,),
)
def ties(ctx: typer.Context, a: Annotated[str, An], data: Data) -> Any:
    """Who are A's friends and foes: with whom has it most cooperation, and most hostility?"""
    from tertius import study

    return study.ties(a, load_data(ctx, data), **_dated(ctx), **question(ctx))


@answers(
    "tertius trend RUS PRK chronicle --at 2022-02-24 --period 1y",
    "tertius trend RUS CHN STORE --at 2021-01-01 --types COOPERATE",
    takes=(OUTCOME, MOVEMENT),
)
def trend(ctx: typer.Context, a: Annotated[str, An], b: Annotated[str, Other], data: Data) -> Any:
    """Do A and B do more of something since a day? Rates before and after, and the share of all."""
    from tertius import study

    return study.trend(a, b, load_data(ctx, data), **_dated(ctx), **question(ctx))


@answers(
    "tertius rank RUS PRK chronicle --period 1y",
    "tertius rank RUS UKR STORE --at 2022-03-01",
    takes=(MOVEMENT,),
)
def rank(ctx: typer.Context, a: Annotated[str, An], b: Annotated[str, Other], data: Data) -> Any:
    """Where do relations of A and B stand in their own history: has it ever been this bad?"""
    from tertius import study

    return study.rank(a, b, load_data(ctx, data), **_dated(ctx), **question(ctx))


def _dated(ctx: typer.Context) -> dict[str, Any]:
    """The day that divides, and the types of events."""
    return {"at": ctx.params["at"], "types": ctx.params["types"]}
