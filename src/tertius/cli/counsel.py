"""The commands of counsel: whatif, price, wedge, exchange."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from tertius.cli.options import (
    QUESTION,
    Actors,
    An,
    Cache,
    Certify,
    Codes,
    Covariates,
    Data,
    DecayTo,
    Effects,
    From,
    HalfLifeText,
    Json,
    Lang,
    Legs,
    Map,
    Mirrored,
    Missing,
    Model,
    Other,
    Outcome,
    Period,
    Quiet,
    Reference,
    Report,
    Response,
    Seed,
    SliceText,
    TableAs,
    To,
    Transform,
    Undirected,
    Weight,
    Window,
    actor_codes,
    load_data,
    many_of,
    one_of,
    option,
    question,
)
from tertius.cli.run import carry_out, command
from tertius.language import ENGLISH
from tertius.spec import DEFAULT_FACTOR, DEFAULT_LAGS, DEFAULT_PERIOD, DEFAULT_WHATIF_DRAWS, PER

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


@command(
    'tertius whatif RUS CHN STORE --set "USA>RUS host =0 from 2021-06-01"',
    'tertius whatif RUS PRK STORE --set "USA>RUS host x0.5 from 2021-01-01"',
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
    outcome_types: OutcomeTypes = None,
    threat_types: ThreatTypes = None,
    certificate: Certify = True,
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
    covariates: Covariates = None,
    seed: Seed = None,
    cache: Cache = True,
    lang: Lang = ENGLISH,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """The pair's expected outcome had another's flow been more or less, directly and with consequences."""
    from tertius import study
    from tertius.report.progress import progress_bar

    def work() -> Any:
        loaded = load_data(ctx, data)
        with progress_bar(quiet) as progress:
            return study.whatif(
                a, b, loaded, sets=sets, draws=draws, outcome_types=outcome_types, threat_types=threat_types,
                certificate=certificate, cache=cache, progress=progress,
                **question(ctx),
            )  # fmt: skip

    carry_out(work, as_json, quiet, language=lang, table=table, report=report)


@command(
    "tertius price USA chronicle --adversaries RUS,CHN,PRK,IRN",
    "tertius price USA STORE --window 2022-02-24 2023-09-30",
)
def price(
    ctx: typer.Context,
    k: Annotated[str, K],
    data: Data,
    per: Annotated[
        str,
        option(
            "--per", metavar="STEP", group=QUESTION, complete=one_of(lambda: PER),
            help="How much more hostility: sd, a within-pair standard deviation, or 10%.",
        ),
    ] = PER[0],
    adversaries: Adversaries = None,
    window: Window = None,
    reference: Reference = None,
    outcome_types: OutcomeTypes = None,
    threat_types: ThreatTypes = None,
    certificate: Certify = True,
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
    covariates: Covariates = None,
    seed: Seed = None,
    cache: Cache = True,
    lang: Lang = ENGLISH,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:  # fmt: skip
    """What K's hostility goes with in the ties among those it is shown to."""
    from tertius import study
    from tertius.report.progress import progress_bar

    def work() -> Any:
        loaded = load_data(ctx, data)
        with progress_bar(quiet) as progress:
            return study.price(
                k, loaded, per=per, adversaries=adversaries, window=window, reference=reference,
                outcome_types=outcome_types, threat_types=threat_types, certificate=certificate,
                cache=cache, progress=progress, **question(ctx),
            )  # fmt: skip

    carry_out(work, as_json, quiet, language=lang, table=table, report=report)


@command(
    "tertius wedge USA chronicle --adversaries RUS,CHN,PRK,IRN",
    "tertius wedge USA STORE --budget 200",
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
    adversaries: Adversaries = None,
    window: Window = None,
    reference: Reference = None,
    outcome_types: OutcomeTypes = None,
    threat_types: ThreatTypes = None,
    certificate: Certify = True,
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
    covariates: Covariates = None,
    seed: Seed = None,
    cache: Cache = True,
    lang: Lang = ENGLISH,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:  # fmt: skip
    """Which easing of K's hostility, towards whom, goes with least cooperation among its adversaries?"""
    from tertius import study
    from tertius.report.progress import progress_bar

    def work() -> Any:
        loaded = load_data(ctx, data)
        with progress_bar(quiet) as progress:
            return study.wedge(
                k, loaded, budget=budget, factor=factor, adversaries=adversaries, window=window, reference=reference,
                outcome_types=outcome_types, threat_types=threat_types, certificate=certificate,
                cache=cache, progress=progress, **question(ctx),
            )  # fmt: skip

    carry_out(work, as_json, quiet, language=lang, table=table, report=report)


@command(
    "tertius exchange RUS PRK chronicle --period 1y",
    "tertius exchange RUS PRK STORE --give AID --get COOPERATE",
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
    period: Period = None,
    start: From = None,
    end: To = None,
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
    """Does one kind of flow go with another the other way, and how much later?"""
    from tertius import study

    carry_out(
        lambda: study.exchange(
            a, b, load_data(ctx, data), give=give, get=get, lags=lags, period=period or DEFAULT_PERIOD, start=start,
            end=end, seed=seed,
        ),
        as_json, quiet, language=lang, table=table, report=report,
    )  # fmt: skip
