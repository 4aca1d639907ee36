"""The language of a text."""

from __future__ import annotations

import pytest

from tertius.reading.language import language_of


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The minister said that it was not to be.", "en"),
        ("Der Minister sagte, das sei nicht zu machen und auch nicht zu wollen.", "de"),
        ("Le ministre est dans la ville pour une visite.", "fr"),
        ("Министр сказал, что договор не подписан.", "ru"),
        ("وزیر گفت پیمان امضا نشد و چیزی تغییر نکرد", "fa"),
        ("部长说条约没有签署。", "zh"),
        ("大臣は条約に署名しなかったと述べた。", "ja"),
        ("", None),
    ],
)
def test_script_and_common_words_tell(text: str, language: str | None) -> None:
    assert language_of(text) == language
