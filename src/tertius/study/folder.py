"""What a Study keeps (:mod:`tertius.study_folder` writes it): result, data, versions, works cited."""

from __future__ import annotations

import platform
import sys
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from tertius.errors import UsageError
from tertius.events.data import EventData
from tertius.language import plural, say
from tertius.model.result import DataBehind, FitResult
from tertius.sources.importing import FORMATS
from tertius.spec import ModelSpec
from tertius.study.behind import audit_summary
from tertius.study_folder import check_destination, write_study


def works_cited(events: EventData) -> tuple[tuple[str, str], ...]:
    """Works and files behind the data, each with a DOI or nothing."""
    if events.cited:
        return events.cited
    totals = events.totals
    works = dict.fromkeys(FORMATS[name].cite for name in totals.formats if name in FORMATS)
    named = [(_file(f.name, f.sha256[:12], f.kept), "") for f in totals.first_files]
    left = totals.files - len(named)
    more = [(plural("And {n:,} more file.", "And {n:,} more files.", left), "")] if left else []
    return (*(w for w in works if w is not None), *named, *more)


def data_behind(events: EventData) -> DataBehind:
    """What every report says of the data: the audit's summary, works to cite, their BibTeX."""
    bibtex = dict.fromkeys(FORMATS[name].bibtex for name in events.totals.formats if name in FORMATS)
    summary = "" if events.name == "chronicle" else audit_summary(events.totals, len(events.missing))
    return DataBehind(summary, works_cited(events), tuple(entry for entry in bibtex if entry))


def save_study(
    folder: Path, events: EventData, spec: ModelSpec, result: FitResult, kept: Mapping[str, bytes] | None = None
) -> None:
    """Keep a Study: what was asked of which data, what came out, and :data:`~tertius.study_folder.KEPT` by name.

    Raises UsageError where the folder is taken.
    """
    path = events.name if events.by_name else str(Path(events.name).resolve())
    names = [c.term for c in result.coefficients]
    lines = [",".join(["", *names])]
    lines += [",".join([n, *map(repr, row.tolist())]) for n, row in zip(names, result.vcov(), strict=True)]
    document = {
        "data": {"path": path, "hash": events.hash, "reading": dict(events.reading)},
        "spec": spec.to_dict(),
        "command": result.command,
        "fit": result.to_dict(),
    }
    tables = {"coefficients.csv": result.to_csv(), "vcov.csv": "\n".join(lines) + "\n"}
    write_study(folder, document, {**tables, **(kept or {})})


def check_save(save: str | Path | None, events: EventData) -> None:
    """Raises UsageError, before the work begins, where no Study can be kept."""
    if save is None:
        return
    if events.name == "data frame":
        raise UsageError("A Study points to its data, and a data frame has no path.", "Write it to Parquet first.")
    if events.study:
        raise UsageError(f"{events.name} is a Study already.", "Save a new one from the data behind it.")
    check_destination(Path(save))


def versions() -> dict[str, str]:
    """Versions of what the numbers depend on."""
    found = {"python": platform.python_version()}
    for package in ("tertius", "numpy", "scipy", "duckdb"):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "not installed"
    return found


def peak_memory_mb() -> float | None:
    """Largest resident memory of this process so far, in MB; None where the system does not tell."""
    try:
        import resource
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return float(peak) / (1e6 if sys.platform == "darwin" else 1024.0)


def _file(name: str, sha256: str, kept: int) -> str:
    return say("The file {name} (sha256 {sha256}), {kept:,} events kept.", name=name, sha256=sha256, kept=kept)
