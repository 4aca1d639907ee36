"""What is counted adds up, and stays as it is."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from typing import Any

import pandas as pd
import pytest

from tertius.sources.audit import Audit, FileAudit
from tertius.sources.importing import read_events

Row = dict[str, Any]


def clean(rows: list[Row], **options: Any) -> tuple[list[Row], dict[str, Any]]:
    """Stored rows and the audit of a table given as rows."""
    table, audit, _ = read_events(pd.DataFrame(rows), **options)
    return table.to_pylist(), audit.to_dict()


def event(source: str | None, target: str | None, day: str = "2020-01-01", **more: Any) -> Row:
    more = more if {"type", "quad"} & set(more) else {"quad": 1, **more}
    return {"date": day, "source": source, "target": target, **more}


def test_read_is_kept_plus_dropped_plus_quarantined() -> None:
    meeting = [event("RUS", "PRK", type="040"), event("PRK", "RUS", type="040"), event("RUS", "RUS", type="040")]
    _, audit = clean(meeting)
    assert audit["dropped"] == {"self_pair": 1, "mirrored": 1}
    assert audit["read"] == audit["kept"] + sum(audit["dropped"].values()) + audit["quarantined"] == 3


def test_an_audit_is_a_value() -> None:
    _, found, _ = read_events(pd.DataFrame([event("RUS", "PRK"), event("RUS", "RUS")]))
    assert isinstance(found, Audit)
    (file,) = found.files
    assert isinstance(file, FileAudit)
    assert (file.read, file.kept, dict(file.dropped), file.quarantined) == (2, 1, {"self_pair": 1}, 0)
    with pytest.raises(FrozenInstanceError):
        file.kept = 2  # type: ignore[misc]
    assert list(file.to_dict()) == ["name", "format", "read", "kept", "dropped", "quarantined", "sha256"]
