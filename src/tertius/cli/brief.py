"""The command that writes one page to hand on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from tertius.cli.options import (
    Actors,
    An,
    By,
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
    Permutations,
    Quiet,
    Reference,
    Response,
    Seed,
    SliceText,
    To,
    Transform,
    Undirected,
    Weight,
    Window,
    load_data,
    option,
    question,
)
from tertius.cli.run import carry_out, command
from tertius.language import ENGLISH

BriefOut = Annotated[
    Path,
    option(
        "--out", metavar="FILE",
        help="FILE.html, FILE.pdf (printed by a Chromium that is installed; HTML where none is) or FILE.md.",
    ),
]  # fmt: skip


@command(
    "tertius brief RUS PRK atlas --out brief.pdf",
    "tertius brief IND PAK STORE --out brief.md --window 2022-02-24 2023-09-30",
)
def brief(
    ctx: typer.Context,
    a: Annotated[str, An],
    b: Annotated[str, Other],
    data: Data,
    out: BriefOut,
    lang: Lang = ENGLISH,
    by: By = None,
    window: Window = None,
    reference: Reference = None,
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
    seed: Seed = None,
    cache: Cache = True,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """One page to hand on: question, answer, verdict, picture, caveats, command, sources."""
    from tertius import study
    from tertius.report.progress import progress_bar

    def work() -> Any:
        from tertius.report.hand_on import check_brief, write_brief

        check_brief(out)
        loaded = load_data(ctx, data)
        asked: dict[str, Any] = {"by": by, "window": window, "reference": reference, "certificate": certificate}
        asked |= {"cache": cache, **question(ctx)}
        asked |= {} if permutations is None else {"permutations": permutations}
        with progress_bar(quiet) as progress:
            answer = study.explain(a, b, loaded, progress=progress, **asked)
        return write_brief(answer, out, language=lang)

    carry_out(work, as_json, quiet, language=lang)
