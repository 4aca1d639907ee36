"""Which language a reader wants: the one place where that is decided."""

from __future__ import annotations

from functools import cache

from tertius.language import ENGLISH, LANGUAGES, offered, tongue_of

SPOKEN: dict[str, str] = {tag: LANGUAGES[tag] for tag in offered()}
"""Languages that pages can be shown in, and what each calls itself."""


def wanted(asked: str | None, accepted: str | None) -> str:
    """The language that was asked for (``?lang=``), else the first accepted (Accept-Language) that pages have.

    >>> wanted(None, "xx;q=0.9, en-GB"), wanted("xx", None)
    ('en', 'en')
    """
    for tag in [asked or "", *_accepted(accepted or "")]:
        known = tag.lower().partition("-")[0]
        if known in SPOKEN:
            return known
    return ENGLISH


def _accepted(header: str) -> list[str]:
    """The languages of an Accept-Language, the dearest first."""
    found: list[tuple[float, str]] = []
    for part in header[:500].split(","):
        tag, _, weight = part.strip().partition(";q=")
        try:
            found.append((-float(weight or 1), tag))
        except ValueError:
            continue
    return [tag for _, tag in sorted(found, key=lambda x: x[0])]


def name_in(language: str, reader: str) -> str:
    """What a language, by its English name, is called in the reader's; the English name where that is not known.

    >>> name_in("Korean", "en"), name_in("Korean", "de")
    ('Korean', 'Koreanisch')
    """
    if reader == ENGLISH:
        return language
    return str(tongue_of(reader).locale.languages.get(_tags().get(language, ""), language))


@cache
def _tags() -> dict[str, str]:
    """English name of a language -> its tag."""
    from babel import Locale

    return {name: tag for tag, name in Locale(ENGLISH).languages.items()}
