"""The command that writes one page to hand on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from tertius.cli.ask import ANSWERED, asked
from tertius.cli.kits import FILE, KEPT, MODELLED, TALK, WINDOWS, load_data
from tertius.cli.options import An, ByOfPair, Data, Other, option
from tertius.cli.run import answers, progress_of

BriefOut = Annotated[
    Path,
    option(
        "--out", metavar="FILE",
        help="FILE.html, FILE.pdf (printed by a Chromium that is installed; HTML where none is) or FILE.md.",
    ),
]  # fmt: skip


@answers(
    "tertius brief RUS PRK atlas --out brief.pdf",
    "tertius brief IND PAK STORE --out brief.md --window 2022-02-24 2023-09-30",
    takes=({**ANSWERED, "by": (ByOfPair, None)}, WINDOWS, MODELLED, FILE, KEPT, TALK),
)
def brief(ctx: typer.Context, a: Annotated[str, An], b: Annotated[str, Other], data: Data, out: BriefOut) -> Any:
    """One page to hand on: question, answer, verdict, picture, caveats, command, sources."""
    from tertius import study
    from tertius.report.hand_on import check_brief, write_brief

    check_brief(out)
    loaded = load_data(ctx, data)
    with progress_of(ctx) as progress:
        answer = study.explain(a, b, loaded, progress=progress, **asked(ctx))
    return write_brief(answer, out, language=ctx.params["lang"])
