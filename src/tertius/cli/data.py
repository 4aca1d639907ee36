"""The commands on data: import, audit, describe, events, codes."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Annotated, Any

import typer

from tertius.cli.kits import COLUMNS, FILE, PAGE, PRINTED, SPAN, TALK, Kit, load_data
from tertius.cli.options import (
    An,
    Data,
    Day,
    Drop,
    FormatAndFiles,
    Groups,
    Keep,
    Name,
    Other,
    Types,
    listed,
    option,
    read_mapping,
)
from tertius.cli.run import answers, progress_of
from tertius.errors import TertiusWarning, UsageError

RULES: Kit = {"drop": (Drop, None), "keep": (Keep, None)}
ROWS: Kit = {**SPAN, "types": (Types, None)}


@answers(
    "tertius import 20200101.export.CSV.zip --into STORE",
    "tertius import events events.csv --into STORE",
    "tertius import icews events.2018.tab --into STORE --weight goldstein",
    "tertius import dyads net.parquet --missing gaps.csv --into NET",
    "tertius import gdelt2 FOLDER --into STORE --drop not_root --keep far_date",
    takes=(COLUMNS, RULES, TALK),
)
def import_(
    ctx: typer.Context,
    words: FormatAndFiles,
    into: Annotated[Path, option("--into", metavar="STORE", help="The store's folder, made where it is not there.")],
) -> Any:
    """Read files into a store and print the audit.

    Without a FORMAT the files' content says it. Rows that cannot be read are put aside in STORE/quarantine.
    """
    from tertius.sources.importing import import_files
    from tertius.study.behind import Audited, format_and_files

    fmt, files, taken = format_and_files(words)
    asked = {name: ctx.params[name] for name in COLUMNS}
    asked |= {"mapping": read_mapping(asked["mapping"]), **{name: listed(ctx.params[name]) for name in RULES}}
    with progress_of(ctx) as progress:
        audit = import_files(fmt, files, into, progress=progress, **asked)
    return Audited({**audit.to_dict(), **({"recognised": taken} if taken else {})})


@answers(
    "tertius fetch gdelt2 --from 2024-01-01 --to 2024-01-07 --into STORE",
    "tertius fetch icews --from 2018-01-01 --to 2018-12-31 --into STORE",
)
def fetch(
    ctx: typer.Context,
    source: Annotated[str, typer.Argument(metavar="SOURCE", help="gdelt1, gdelt2, icews, polecat or ucdp.")],
    start: Annotated[str, option("--from", metavar="DATE", help="First day, UTC.")],
    end: Annotated[str, option("--to", metavar="DATE", help="Last day, UTC.")],
    into: Annotated[Path, option("--into", metavar="STORE", help="The store's folder, made where it is not there.")],
    base: Annotated[
        str | None, option("--base", metavar="ADDRESS", help="Of the server.", default="the source's own")
    ] = None,
    folder: Annotated[
        Path | None,
        option("--folder", metavar="DIR", help="Keep the files there.", default="in the cache until imported"),
    ] = None,
    token: Annotated[
        str | None,
        option(
            "--token",
            metavar="TOKEN",
            help="What the source asks for (UCDP).",
            default="none",
            envvar="TERTIUS_FETCH_TOKEN",
        ),
    ] = None,
    rate: Annotated[float, option("--rate", metavar="N", help="Requests a second at most.")] = 2.0,
) -> Any:
    """Download a source's files, verified, and import them; a run that was stopped goes on where it was.

    ICEWS and POLECAT: research and education only.
    """
    from tertius.sources.fetching.fetch import fetch as bring
    from tertius.spec import read_date
    from tertius.study.behind import Brought

    with progress_of(ctx) as progress:
        found = bring(
            source, read_date(start), read_date(end), into, base=base, folder=folder, token=token, rate=rate,
            progress=progress,
        )  # fmt: skip
    return Brought(found)


@answers("tertius audit STORE", takes=(PAGE, TALK))
def audit(
    store: Annotated[str, typer.Argument(metavar="STORE", help="A store folder, or STORE@snapshot.")],
    against: Annotated[
        Path | None,
        option(
            "--files",
            metavar="FILE",
            help="The source's own list of files: which of them are not here?",
            default="none",
        ),
    ] = None,
    prune: Annotated[bool, option("--prune", help="Forget older snapshots, and say what was removed.")] = False,
) -> Any:
    """Rows read, kept and dropped, by rule and file; coverage. Every byte of the store is compared with its hash."""
    from tertius.study import audit as read_audit
    from tertius.study.behind import Audited

    return Audited(read_audit(store, forget=prune, against=against))


@answers("tertius snapshots STORE", "tertius snapshots STORE --keep 100")
def snapshots(
    store: Annotated[str, typer.Argument(metavar="STORE", help="A store folder.")],
    keep: Annotated[
        int | None,
        option(
            "--keep",
            min=1,
            metavar="N",
            help="Forget all but the latest N; each is read as STORE@SNAPSHOT.",
            default="all stay",
        ),
    ] = None,
) -> Any:
    """The states of a store that can be read as STORE@SNAPSHOT, one an import, so that an answer can be repeated."""
    from tertius.study import snapshots as list_snapshots
    from tertius.study.behind import Kept

    return Kept(list_snapshots(store, keep=keep))


@answers(
    "tertius describe chronicle", "tertius describe events.csv --map source=sender,target=receiver",
    takes=(FILE, PAGE, TALK),
)  # fmt: skip
def describe(ctx: typer.Context, data: Data) -> Any:
    """Actors, span, events by class, busiest pairs."""
    from tertius.study.behind import Described

    return Described(load_data(ctx, data).describe())


@answers(
    "tertius events RUS PRK chronicle --from 2022-02-24",
    "tertius events USA China STORE --limit 1000 --table csv > rows.csv",
    takes=(ROWS, FILE, PRINTED, TALK),
)
def events(
    ctx: typer.Context,
    a: Annotated[str, An],
    b: Annotated[str, Other],
    data: Data,
    limit: Annotated[int, option("--limit", min=1, metavar="N", help="Rows at most, latest first.")] = 50,
) -> Any:
    """The rows behind a pair."""
    from tertius.study import events_between
    from tertius.study.behind import RowsBehind

    given = ctx.params
    found = events_between(a, b, load_data(ctx, data), given["start"], given["end"], limit, given["types"])
    if given["table"] is not None and found["n"] > limit:
        warnings.warn(f"{limit:,} of {found['n']:,} rows: raise --limit.", TertiusWarning, stacklevel=2)
    return RowsBehind(found)


@answers("tertius codes Korea", "tertius codes NATO --date 2004-03-29", "tertius codes plover")
def codes(name: Name = None, date: Day = None, groups: Groups = None) -> Any:
    """Actors, groups and event codes.

    The groups work in --actors of fit and explain too: @NATO is every member on any day of the span (--from, --to, else
    of the data), @groups/mine.csv every member of a group in that file, NATO without @ the organisation, one actor.
    They may be mixed: --actors @NATO,RUS,PRK.
    """
    from tertius.codes.lookup import find_codes
    from tertius.study.behind import CodesFound

    return CodesFound(find_codes(name, date, groups))


@answers("tertius cache", "tertius cache clear")
def cache(
    what: Annotated[str | None, typer.Argument(metavar="[clear]", help="clear removes all that is kept.")] = None,
) -> Any:
    """What is kept of fits, and how much; TERTIUS_CACHE=off turns it off."""
    from tertius.study import kept
    from tertius.study.behind import KeptFits

    if what not in (None, "clear"):
        raise UsageError(f"tertius cache does not know '{what}'.", "Write: tertius cache, or tertius cache clear.")
    gone = kept.clear() if what else (0, 0)
    found = kept.files()
    return KeptFits(
        {
            "folder": str(kept.folder()),
            "on": kept.is_on(),
            "files": len(found),
            "bytes": sum(size for _, size, _ in found),
            "limit": kept.LIMIT,
            "removed": {"files": gone[0], "bytes": gone[1]},
        }
    )
