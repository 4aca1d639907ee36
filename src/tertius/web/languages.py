"""Which language a reader wants, and how it is written: the one place through which both reach a page."""

from __future__ import annotations

from dataclasses import dataclass

from tertius.language import ENGLISH, LANGUAGES, direction, offered

SPOKEN: dict[str, str] = {tag: LANGUAGES[tag] for tag in offered()}
"""Languages that pages can be shown in, and what each calls itself."""
DEFAULT = ENGLISH


@dataclass(frozen=True, slots=True)
class Language:
    """A language of pages.

    >>> Language("en").direction, Language("ar").direction
    ('ltr', 'rtl')
    """

    tag: str

    @property
    def direction(self) -> str:
        """The value of ``dir``."""
        return direction(self.tag)


def wanted(asked: str | None, accepted: str | None) -> Language:
    """The language that was asked for (``?lang=``), else the first accepted (Accept-Language) that pages have.

    >>> wanted(None, "fr;q=0.3, ko-KR").tag, wanted("xx", None).tag
    ('ko', 'en')
    """
    for tag in (*([asked] if asked else ()), *_accepted(accepted or "")):
        known = tag.lower().partition("-")[0]
        if known in SPOKEN:
            return Language(known)
    return Language(DEFAULT)


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
