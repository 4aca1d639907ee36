"""The commands of what comes next: forecast, backtest, changes, ledger."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from tertius.cli.kits import COUNTED, FILE, PRINTED, TALK, Kit, load_data, question
from tertius.cli.options import QUESTION, Actors, Data, one_of, option
from tertius.cli.run import answers, progress_of
from tertius.errors import UsageError

ACTIONS = ("add", "score", "verify")
Horizon = Annotated[
    str | None,
    option("--horizon", metavar="1,3,6", help="Periods ahead.", group=QUESTION, default="1,3,6"),
]
Pair = Annotated[
    tuple[str, str] | None,
    option("--pair", metavar="A B", help="This pair alone.", group=QUESTION, default="all pairs"),
]
Last = Annotated[
    int | None,
    option(
        "--last", metavar="N", help="Periods that are scored, the last.", group=QUESTION, default="24, or what fits"
    ),
]
Since = Annotated[
    str | None,
    option("--since", metavar="DAY", help="First day.", group=QUESTION, default="the last observed period"),
]
Top = Annotated[int | None, option("--top", metavar="N", help="How many surprises.", group=QUESTION, default="20")]
Feed = Annotated[
    Path | None,
    option(
        "--feed", metavar="FILE", default="no feed",
        help="Also write a feed, an entry a surprise: FILE.atom (Atom) or FILE.json (JSON Feed).",
    ),
]  # fmt: skip
AHEAD: Kit = {**COUNTED, "actors": (Actors, None), **FILE, **PRINTED, **TALK}
"""What all four take."""


@answers(
    "tertius forecast STORE --pair RUS PRK", "tertius forecast STORE --horizon 1,2,3 --period 1w --table csv",
    takes=(AHEAD,),
)  # fmt: skip
def forecast(ctx: typer.Context, data: Data, horizon: Horizon = None, pair: Pair = None) -> Any:
    """What comes next: a distribution for every pair and period ahead."""
    from tertius import study

    return study.forecast(load_data(ctx, data), horizon=horizon, pair=pair, **question(ctx))


@answers("tertius backtest STORE", "tertius backtest STORE --horizon 1 --period 1w --last 8", takes=(AHEAD,))
def backtest(ctx: typer.Context, data: Data, horizon: Horizon = None, last: Last = None) -> Any:
    """Were such forecasts any good? Scored on days not seen, beside simple baselines."""
    from tertius import study

    loaded = load_data(ctx, data)
    with progress_of(ctx) as progress:
        return study.backtest(loaded, horizon=horizon, last=last, progress=progress, **question(ctx))


@answers(
    "tertius changes STORE",
    "tertius changes STORE --since 2023-01-01 --top 5",
    "tertius changes STORE --feed FILE.atom",
    takes=(AHEAD,),
)
def changes(ctx: typer.Context, data: Data, since: Since = None, top: Top = None, feed: Feed = None) -> Any:
    """What changed, and why: the largest surprises against the forecast."""
    from tertius import study
    from tertius.report.feed import check_feed, write_feed

    if feed is not None:
        check_feed(feed)
    found = study.changes(load_data(ctx, data), since=since, top=top, **question(ctx))
    if feed is not None:
        write_feed(found, feed)
    return found


@answers(
    "tertius ledger add forecasts.jsonl STORE --pair RUS PRK",
    "tertius ledger score forecasts.jsonl STORE",
    "tertius ledger verify forecasts.jsonl",
    takes=(AHEAD,),
)
def ledger(
    ctx: typer.Context,
    action: Annotated[
        str, typer.Argument(metavar="ACTION", help="add, score or verify.", autocompletion=one_of(lambda: ACTIONS))
    ],
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The ledger: JSON lines.")],
    data: Annotated[str | None, typer.Argument(metavar="DATA", help="As of forecast; verify takes none.")] = None,
    horizon: Horizon = None,
    pair: Pair = None,
) -> Any:
    """Forecasts written before the fact: add, score later, verify that no line was changed."""
    from tertius.study import ledger as ledgers

    if action not in ACTIONS:
        raise UsageError(f"ledger {action} does not exist.", f"Choose one of: {', '.join(ACTIONS)}.")
    if action == "verify":
        if data is not None:
            raise UsageError("ledger verify takes no data.", f"Write: tertius ledger verify {file}.")
        return ledgers.verify(file)
    if data is None:
        raise UsageError(f"ledger {action} takes data.", f"Write: tertius ledger {action} {file} DATA.")
    loaded = load_data(ctx, data)
    if action == "score":
        return ledgers.score(file, loaded)
    return ledgers.add(file, loaded, horizon=horizon, pair=pair, **question(ctx))
