"""The commands on data: import, audit, describe, events, codes."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Annotated, Any

import typer

from tertius.cli.options import (
    An,
    Codes,
    Data,
    Day,
    Drop,
    FormatAndFiles,
    From,
    Groups,
    Json,
    Keep,
    Lang,
    Map,
    Mirrored,
    Missing,
    Name,
    Other,
    Quiet,
    Report,
    Seed,
    TableAs,
    To,
    Types,
    Undirected,
    Weight,
    listed,
    load_data,
    option,
    read_mapping,
)
from tertius.cli.run import carry_out, command
from tertius.errors import TertiusWarning, UsageError
from tertius.language import ENGLISH


@command(
    "tertius import 20200101.export.CSV.zip --into STORE",
    "tertius import events events.csv --into STORE",
    "tertius import icews events.2018.tab --into STORE --weight goldstein",
    "tertius import dyads net.parquet --missing gaps.csv --into NET",
    "tertius import gdelt2 FOLDER --into STORE --drop not_root --keep far_date",
)
def import_(
    words: FormatAndFiles,
    into: Annotated[Path, option("--into", metavar="STORE", help="The store's folder, made where it is not there.")],
    mapping: Map = None,
    weight: Weight = None,
    mirrored: Mirrored = "auto",
    codes: Codes = "names",
    missing: Missing = None,
    drop: Drop = None,
    keep: Keep = None,
    seed: Seed = None,
    lang: Lang = ENGLISH,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Read files into a store and print the audit.

    Without a FORMAT the files' content says it. Rows that cannot be read are put aside in STORE/quarantine.
    """
    from tertius.report.progress import progress_bar
    from tertius.sources.importing import import_files
    from tertius.study.behind import Audited, format_and_files

    def work() -> Any:
        fmt, files, taken = format_and_files(words)
        with progress_bar(quiet) as progress:
            audit = import_files(
                fmt, files, into, mapping=read_mapping(mapping), weight=weight, mirrored=mirrored, codes=codes,
                missing=missing, drop=listed(drop), keep=listed(keep), progress=progress,
            )  # fmt: skip
        return Audited({**audit.to_dict(), **({"recognised": taken} if taken else {})})

    carry_out(work, as_json, quiet, language=lang)


@command(
    "tertius fetch gdelt2 --from 2024-01-01 --to 2024-01-07 --into STORE",
    "tertius fetch icews --from 2018-01-01 --to 2018-12-31 --into STORE",
)
def fetch(
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
    seed: Seed = None,
    lang: Lang = ENGLISH,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Download a source's files, verified, and import them; a run that was stopped goes on where it was.

    ICEWS and POLECAT: research and education only.
    """
    from tertius.report.progress import progress_bar
    from tertius.sources.fetching.fetch import fetch as bring
    from tertius.spec import read_date
    from tertius.study.behind import Brought

    def work() -> Any:
        with progress_bar(quiet) as progress:
            return Brought(
                bring(
                    source, read_date(start), read_date(end), into, base=base, folder=folder, token=token, rate=rate,
                    progress=progress,
                )
            )  # fmt: skip

    carry_out(work, as_json, quiet, language=lang)


@command("tertius audit STORE")
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
    report: Report = None,
    seed: Seed = None,
    lang: Lang = ENGLISH,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Rows read, kept and dropped, by rule and file; coverage. Every byte of the store is compared with its hash."""
    from tertius.study import audit as read_audit
    from tertius.study.behind import Audited

    carry_out(
        lambda: Audited(read_audit(store, forget=prune, against=against)), as_json, quiet, language=lang, report=report
    )


@command("tertius snapshots STORE", "tertius snapshots STORE --keep 100")
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
    seed: Seed = None,
    lang: Lang = ENGLISH,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """The states of a store that can be read as STORE@SNAPSHOT, one an import, so that an answer can be repeated."""
    from tertius.study import snapshots as list_snapshots
    from tertius.study.behind import Kept

    carry_out(lambda: Kept(list_snapshots(store, keep=keep)), as_json, quiet, language=lang)


@command("tertius describe chronicle", "tertius describe events.csv --map source=sender,target=receiver")
def describe(
    ctx: typer.Context,
    data: Data,
    mapping: Map = None,
    weight: Weight = None,
    mirrored: Mirrored = "auto",
    codes: Codes = "names",
    missing: Missing = None,
    undirected: Undirected = False,
    report: Report = None,
    seed: Seed = None,
    lang: Lang = ENGLISH,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Actors, span, events by class, busiest pairs."""
    from tertius.study.behind import Described

    carry_out(lambda: Described(load_data(ctx, data).describe()), as_json, quiet, language=lang, report=report)


@command(
    "tertius events RUS PRK chronicle --from 2022-02-24",
    "tertius events USA China STORE --limit 1000 --table csv > rows.csv",
)
def events(
    ctx: typer.Context,
    a: Annotated[str, An],
    b: Annotated[str, Other],
    data: Data,
    start: From = None,
    end: To = None,
    types: Types = None,
    mapping: Map = None,
    weight: Weight = None,
    mirrored: Mirrored = "auto",
    codes: Codes = "names",
    missing: Missing = None,
    undirected: Undirected = False,
    limit: Annotated[int, option("--limit", min=1, metavar="N", help="Rows at most, latest first.")] = 50,
    report: Report = None,
    table: TableAs = None,
    seed: Seed = None,
    lang: Lang = ENGLISH,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """The rows behind a pair."""
    from tertius.study import events_between
    from tertius.study.behind import RowsBehind

    def work() -> Any:
        found = events_between(a, b, load_data(ctx, data), start, end, limit, types)
        if table is not None and found["n"] > limit:
            warnings.warn(f"{limit:,} of {found['n']:,} rows: raise --limit.", TertiusWarning, stacklevel=2)
        return RowsBehind(found)

    carry_out(work, as_json, quiet, language=lang, table=table, report=report)


@command("tertius codes Korea", "tertius codes NATO --date 2004-03-29", "tertius codes plover")
def codes(
    name: Name = None,
    date: Day = None,
    groups: Groups = None,
    seed: Seed = None,
    lang: Lang = ENGLISH,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Actors, groups and event codes.

    The groups work in --actors of fit and explain too: @NATO is every member on any day of the span (--from, --to, else
    of the data), @groups/mine.csv every member of a group in that file, NATO without @ the organisation, one actor.
    They may be mixed: --actors @NATO,RUS,PRK.
    """
    from tertius.codes.lookup import find_codes
    from tertius.study.behind import CodesFound

    carry_out(lambda: CodesFound(find_codes(name, date, groups)), as_json, quiet, language=lang)


@command("tertius cache", "tertius cache clear")
def cache(
    what: Annotated[str | None, typer.Argument(metavar="[clear]", help="clear removes all that is kept.")] = None,
    seed: Seed = None,
    lang: Lang = ENGLISH,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """What is kept of fits, and how much; TERTIUS_CACHE=off turns it off."""
    from tertius.study import kept
    from tertius.study.behind import KeptFits

    def work() -> Any:
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

    carry_out(work, as_json, quiet, language=lang)
