"""Our own JSON files, whatever they hold."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tertius.events.document import checked, days, each, get, read_document


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"3", b"null", b'"x"', b"\xff", b"[" * 100_000, b'{"a":' * 100_000, b'{"a": NaN}',
     b'{"a": -Infinity}', b'{"a": ' + b"9" * 5000 + b"}", b"\xef\xbb\xbf{}"],
)  # fmt: skip
def test_what_is_no_object_is_a_value_error(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_bytes(content)
    with pytest.raises(ValueError):
        read_document(path)


@pytest.mark.parametrize(
    ("value", "kind"),
    [("1", int), (1.0, int), (True, int), (1, bool), (-1, int), (2**60, int), ("\ud800", str), (None, str), ([], dict)],
)
def test_what_is_of_another_kind_is_a_value_error(value: Any, kind: Any) -> None:
    with pytest.raises(ValueError, match="x is "):
        checked(value, kind, "x")


def test_members_and_days(tmp_path: Path) -> None:
    document = json.loads('{"names": ["a", "b"], "days": ["2020-02-29"], "odd": ["2020-02-30"], "n": [1]}')
    assert each(document, "names", str) == ["a", "b"]
    assert [str(day) for day in days(document, "days")] == ["2020-02-29"]
    for wrong in (lambda: days(document, "odd"), lambda: days(document, "n"), lambda: get(document, "no", str)):
        with pytest.raises(ValueError):
            wrong()
