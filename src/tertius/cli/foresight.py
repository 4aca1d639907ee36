"""The commands of what comes next: forecast, backtest, changes, ledger."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from tertius.cli.options import (
    QUESTION,
    Actors,
    Codes,
    Data,
    From,
    Json,
    Lang,
    Map,
    Mirrored,
    Missing,
    Period,
    Quiet,
    Report,
    Response,
    Seed,
    TableAs,
    To,
    Undirected,
    Weight,
    load_data,
    one_of,
    option,
)
from tertius.cli.run import carry_out, command
from tertius.errors import UsageError
from tertius.language import ENGLISH

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


@command("tertius forecast STORE --pair RUS PRK", "tertius forecast STORE --horizon 1,2,3 --period 1w --table csv")
def forecast(
    ctx: typer.Context,
    data: Data,
    horizon: Horizon = None,
    pair: Pair = None,
    period: Period = None,
    response: Response = None,
    start: From = None,
    end: To = None,
    actors: Actors = None,
    mapping: Map = None,
    weight: Weight = None,
    mirrored: Mirrored = "auto",
    codes: Codes = "names",
    missing: Missing = None,
    undirected: Undirected = False,
    report: Report = None,
    table: TableAs = None,
    seed: Seed = None,
    lang: Lang = ENGLISH,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """What comes next: a distribution for every pair and period ahead."""
    from tertius import study

    carry_out(
        lambda: study.forecast(
            load_data(ctx, data), horizon=horizon, pair=pair, period=period, response=response, start=start, end=end,
            actors=actors, seed=seed,
        ),
        as_json, quiet, language=lang, table=table, report=report,
    )  # fmt: skip


@command("tertius backtest STORE", "tertius backtest STORE --horizon 1 --period 1w --last 8")
def backtest(
    ctx: typer.Context,
    data: Data,
    horizon: Horizon = None,
    last: Last = None,
    period: Period = None,
    response: Response = None,
    start: From = None,
    end: To = None,
    actors: Actors = None,
    mapping: Map = None,
    weight: Weight = None,
    mirrored: Mirrored = "auto",
    codes: Codes = "names",
    missing: Missing = None,
    undirected: Undirected = False,
    report: Report = None,
    table: TableAs = None,
    seed: Seed = None,
    lang: Lang = ENGLISH,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Were such forecasts any good? Scored on days not seen, beside simple baselines."""
    from tertius import study
    from tertius.report.progress import progress_bar

    def work() -> Any:
        loaded = load_data(ctx, data)
        with progress_bar(quiet) as progress:
            return study.backtest(
                loaded, horizon=horizon, last=last, period=period, response=response, start=start, end=end,
                actors=actors, seed=seed, progress=progress,
            )  # fmt: skip

    carry_out(work, as_json, quiet, language=lang, table=table, report=report)


@command(
    "tertius changes STORE",
    "tertius changes STORE --since 2023-01-01 --top 5",
    "tertius changes STORE --feed FILE.atom",
)
def changes(
    ctx: typer.Context,
    data: Data,
    since: Since = None,
    top: Top = None,
    feed: Feed = None,
    period: Period = None,
    response: Response = None,
    start: From = None,
    end: To = None,
    actors: Actors = None,
    mapping: Map = None,
    weight: Weight = None,
    mirrored: Mirrored = "auto",
    codes: Codes = "names",
    missing: Missing = None,
    undirected: Undirected = False,
    report: Report = None,
    table: TableAs = None,
    seed: Seed = None,
    lang: Lang = ENGLISH,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """What changed, and why: the largest surprises against the forecast."""
    from tertius import study

    def work() -> Any:
        from tertius.report.feed import check_feed, write_feed

        if feed is not None:
            check_feed(feed)
        found = study.changes(
            load_data(ctx, data), since=since, top=top, period=period, response=response, start=start, end=end,
            actors=actors, seed=seed,
        )  # fmt: skip
        if feed is not None:
            write_feed(found, feed)
        return found

    carry_out(work, as_json, quiet, language=lang, table=table, report=report)


@command(
    "tertius ledger add forecasts.jsonl STORE --pair RUS PRK",
    "tertius ledger score forecasts.jsonl STORE",
    "tertius ledger verify forecasts.jsonl",
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
    period: Period = None,
    response: Response = None,
    start: From = None,
    end: To = None,
    actors: Actors = None,
    mapping: Map = None,
    weight: Weight = None,
    mirrored: Mirrored = "auto",
    codes: Codes = "names",
    missing: Missing = None,
    undirected: Undirected = False,
    report: Report = None,
    table: TableAs = None,
    seed: Seed = None,
    lang: Lang = ENGLISH,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Forecasts written before the fact: add, score later, verify that no line was changed."""
    from tertius.study import ledger as ledgers

    def work() -> Any:
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
        return ledgers.add(
            file, loaded, horizon=horizon, pair=pair, period=period, response=response, start=start, end=end,
            actors=actors, seed=seed,
        )  # fmt: skip

    carry_out(work, as_json, quiet, language=lang, table=table, report=report)
