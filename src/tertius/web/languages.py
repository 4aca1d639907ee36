"""Which language a reader wants, and how it is written: the one place through which both reach a page."""

from __future__ import annotations

from dataclasses import dataclass

RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur"})
SPOKEN: dict[str, str] = {"en": "English"}
"""Languages that pages can be shown in, and what each calls itself."""
DEFAULT = "en"


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
        return "rtl" if self.tag.partition("-")[0] in RIGHT_TO_LEFT else "ltr"


def wanted(asked: str | None, accepted: str | None) -> Language:
    """The language that was asked for (``?lang=``), else the first accepted (Accept-Language) that pages have.

    >>> wanted(None, "fr;q=0.3, en-GB").tag, wanted("xx", None).tag
    ('en', 'en')
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
