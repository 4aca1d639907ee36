"""The language a reader wants."""

from __future__ import annotations

import pytest

from tertius.web import languages


@pytest.mark.parametrize(
    ("asked", "accepted", "tag"),
    [
        ("fr", "en", "fr"), ("xx", "fr-CA, en;q=0.5", "fr"), (None, "de;q=0.1, ar;q=0.9, *;q=0.05", "ar"),
        (None, None, "en"), ("", "klingon", "en"), (None, "fr;q=x", "en"),
    ],
)  # fmt: skip
def test_what_was_asked_comes_first_then_what_is_dearest(
    asked: str | None, accepted: str | None, tag: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(languages, "SPOKEN", {"en": "English", "fr": "français", "ar": "العربية"})
    assert languages.wanted(asked, accepted) == tag
