"""The line classifier: from the paragraphs of a page, boilerplate and all, to the article and what is known of it.

A line's words say what it may be (:mod:`tertius.reading.lines`); its place says what it is:

- **head**: everything before the body. Title, byline, date and outlet, labels; what is left there is the site's.
- **body**: from the first paragraph long enough to be prose, or the first of short ones that lead to it, to the last
  before the tail. Headings in it belong to it.
- **tail**: from the heading of what follows an article, from a line drawn before notes or rights, or from notes on the
  author after the body has begun. Only notes, rights and origin are read there.

Where an extractor of articles has spoken (HTML), nothing outside its span is body; inside it, the same rules hold.
Of two outlets with a date the later one published this copy, the earlier one was first.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from tertius.reading.language import language_of
from tertius.reading.lines import (
    BYLINE,
    LABELS,
    ORIGIN,
    PROSE,
    SHORT_LINE,
    UPDATED,
    Role,
    dated,
    ends_a_sentence,
    label_of,
    parts_of,
    role_of,
)
from tertius.reading.paragraphs import Paragraph
from tertius.reading.reading import Document, Metadata, OriginalSource

DATA = frozenset({Role.BYLINE, Role.DATED, Role.LABEL, Role.ORIGIN})
TAIL = frozenset({Role.NOTE, Role.RIGHTS, Role.SITE, Role.ABOUT, Role.END})
_TITLES = re.compile(r"^(?:(?:dr|prof|professor|mr|mrs|ms|sir|lt|col|gen|amb|rev)\.?\s+)+", re.IGNORECASE)
_NAME = re.compile(
    r"^(?:[^\W\d_a-z][\w.'’-]*|de|del|della|da|di|van|von|der|den|bin|ibn|al|el|la|le|du|dos|y|e|[^\x00-\u02ff]+)$"
)
_OUTLET = re.compile(
    r"\.(?:com|org|net|info|co|news|[a-z]{2})$|\b(?:news|times|post|research|press|institute?|journal|review|gazette|herald|agency|daily|"
    r"cent(?:re|er)|foundation|council|(?:\w*)wire|tribune|today|magazine|monitor|observer|guardian|chronicle|report|"
    r"weekly|network|media|radio|tv|bulletin|standard|mail|telegraph|mirror|star|sun|globe|associated|university|"
    r"society|association|forum|blog|reuters|afp|bbc|cnn|staff)\b",
    re.IGNORECASE,
)
_COPYRIGHT = re.compile(
    r"(?:©|\(c\)|copyright)(?:\s*(?:©|\(c\)|copyright))?\s*(?:\d{4}(?:\s*[-–]\s*\d{4})?)?,?\s*(?:by\s+)?(?P<name>[^.|;©]{2,80}?)(?:,?\s+(?:ltd|inc|llc|plc|gmbh|limited|corp))?\.?,?\s*(?:\d{4}(?:\s*[-–]\s*\d{4})?)?\s*(?=$|[.|;])",
    re.IGNORECASE,
)
_AGENCY = re.compile(r"^[A-Z][\w .,'/-]{2,60}?\((?P<name>[A-Z][\w .&-]{1,30})\)\s*[-–—]")
_PERMISSION = re.compile(r"\s*(?:[.,;(]|\bwith\b|\bunder\b|\band\s+is\b).*$", re.IGNORECASE)


def article_of(paragraphs: Sequence[Paragraph], known: Metadata | None = None) -> Document:
    """The article in the paragraphs of a page.

    Parameters
    ----------
    paragraphs : of the whole page, in its order.
    known : what the page declares of itself; its lines are read for what it does not.

    Returns a Document whose text is empty where nothing in the page is an article.

    >>> page = ["A day in court", "By Ann Lee", "Tribune, 3 May 2024", "The judge heard both of them in the morning, "
    ... "and neither in the afternoon, for it rained.", "Subscribe to our newsletter!"]
    >>> found = article_of([Paragraph(line) for line in page])
    >>> found.metadata.title, found.metadata.authors, found.metadata.publisher, found.text[:9]
    ('A day in court', ('Ann Lee',), 'Tribune', 'The judge')
    """
    known = known or Metadata()
    roles = [role_of(p) for p in paragraphs]
    begin, end = _body(paragraphs, roles)
    head, tail = range(begin), range(end, len(paragraphs))
    outside = (*head, *tail)
    title_at, title = _title(paragraphs, roles, head, known)
    body = [k for k in range(begin, end) if _is_body(paragraphs, roles, k) and k != title_at]
    rights = [paragraphs[k].text for k in range(len(paragraphs)) if roles[k] is Role.RIGHTS]
    authors = _authors([paragraphs[k] for k in outside if roles[k] is Role.BYLINE]) or known.authors
    date, publisher, original = _published(
        [paragraphs[k].text for k in (*head, *tail) if roles[k] is Role.DATED],
        [paragraphs[k].text for k in range(len(paragraphs)) if roles[k] is Role.ORIGIN],
        replace(known, authors=authors, rights=" | ".join(rights) or known.rights),
    )
    text = "\n\n".join(paragraphs[k].text for k in body)
    agency = _AGENCY.match(text)
    publisher = publisher or (agency["name"] if agency else None)
    labels = _labels(paragraphs, roles)
    return Document(
        text,
        replace(
            known,
            title=_without_outlet(title, publisher),
            authors=authors,
            date=date,
            publisher=publisher,
            original_source=original,
            language=known.language or language_of(text),
            rights="\n\n".join(dict.fromkeys(rights)) or known.rights,
            links=tuple(link for k in body for link in paragraphs[k].links),
            captions=tuple(dict.fromkeys(p.text for p, r in zip(paragraphs, roles, strict=True) if r is Role.CAPTION)),
            notes=_notes(paragraphs, roles),
            **{key: labels[key] or getattr(known, key) for key in LABELS},
        ),
    )


def _body(paragraphs: Sequence[Paragraph], roles: list[Role]) -> tuple[int, int]:
    """Where the body begins, and where the tail does."""
    told = any(p.main for p in paragraphs)
    mains = [k for k, p in enumerate(paragraphs) if p.main] if told else [*range(len(paragraphs))]
    first, last = (mains[0], mains[-1]) if mains else (0, -1)

    def inside(k: int) -> bool:
        return first <= k <= last and (paragraphs[k].main is True or not told or not paragraphs[k].aside)

    prose = [k for k, r in enumerate(roles) if r is Role.PROSE and inside(k)]
    long = [k for k in prose if paragraphs[k].words >= PROSE and ends_a_sentence(paragraphs[k].text)]
    begin = (long or [k for k in prose if paragraphs[k].words >= PROSE] or prose or [len(paragraphs)])[0]
    if begin == len(paragraphs):  # no sentence at all: whatever is no line of data
        begin = next((k for k, r in enumerate(roles) if r is Role.SHORT and inside(k)), begin)
    begin = _back(paragraphs, roles, begin, inside)
    for k in range(begin + 1, len(paragraphs)):
        if _begins_tail(paragraphs, roles, k, begin) or k > last:
            return begin, k
    return begin, len(paragraphs)


def _back(paragraphs: Sequence[Paragraph], roles: Sequence[Role], begin: int, inside: Callable[[int], bool]) -> int:
    """Where the body begins if short sentences, items and a heading that lead to its first long paragraph are counted.

    What has no line of data before it may be a title: the first line of all is left in the head.
    """
    marked = [k for k in range(min(begin, len(roles))) if roles[k] in DATA | {Role.SITE}]
    floor = max(marked, default=-1) + 1
    first_lines = [k for k in range(floor) if roles[k] in (Role.SHORT, Role.PROSE) and paragraphs[k].words > 2]
    at = begin
    while at > floor and inside(at - 1):
        p, role = paragraphs[at - 1], roles[at - 1]
        leads = role is Role.PROSE or p.kind == "item" or (p.level > 1 and role is Role.SHORT)
        titled = bool(first_lines) or any(q.level == 1 for q in paragraphs[:at])
        if not leads or (at - 1 == floor and not (titled or p.kind == "item" or p.level > 1 or p.text.endswith("."))):
            break
        at -= 1
    return at


def _begins_tail(paragraphs: Sequence[Paragraph], roles: Sequence[Role], k: int, begin: int) -> bool:
    if roles[k] in (Role.END, Role.ABOUT):
        return not paragraphs[k].main or roles[k] is Role.ABOUT or not _prose_after(paragraphs, roles, k)
    if roles[k] is Role.RULE:
        following = next((r for r in roles[k + 1 :] if r is not Role.RULE), Role.END)
        return following in TAIL
    if roles[k] is Role.NOTE or roles[k] is Role.RIGHTS:
        read = sum(paragraphs[j].words for j in range(begin, k) if roles[j] is Role.PROSE)
        return read > _prose_after(paragraphs, roles, k)
    return False


def _prose_after(paragraphs: Sequence[Paragraph], roles: Sequence[Role], k: int) -> int:
    """Words of prose up to the heading of what follows an article."""
    stop = next((j for j in range(k + 1, len(roles)) if roles[j] is Role.END), len(roles))
    later = range(k + 1, stop)
    return sum(paragraphs[j].words for j in later if roles[j] is Role.PROSE and paragraphs[j].main is not False)


def _is_body(paragraphs: Sequence[Paragraph], roles: Sequence[Role], k: int) -> bool:
    p, role = paragraphs[k], roles[k]
    if p.aside and not p.main:
        return False
    if role is Role.DATED or role is Role.BYLINE:  # a heading such as "By March 2023" inside a body is none
        return p.main is True and p.level > 0
    if role is Role.LABEL or role is Role.END:
        return False
    return role in (Role.PROSE, Role.SHORT)


def _title(
    paragraphs: Sequence[Paragraph], roles: Sequence[Role], head: range, known: Metadata
) -> tuple[int | None, str | None]:
    """Where the title stands, and what it is: the page's own, the first heading, or the first line that can be one."""
    heads = [k for k in head if roles[k] in (Role.SHORT, Role.PROSE) and not paragraphs[k].aside]
    if known.title:
        return next((k for k in heads if paragraphs[k].text in known.title), None), known.title
    rights = " ".join(p.text for p, r in zip(paragraphs, roles, strict=True) if r is Role.RIGHTS)
    choices = [
        k
        for k in heads
        if paragraphs[k].text not in rights and (paragraphs[k].level or not _is_sentence(paragraphs[k]))
    ]
    choices = [k for k in choices if paragraphs[k].words > 1] or choices
    level = min((paragraphs[k].level for k in choices if paragraphs[k].level), default=0)
    found = [k for k in choices if paragraphs[k].level == level] if level else []
    found = found or [k for k in choices if paragraphs[k].words > 3] or choices
    return (found[0], paragraphs[found[0]].text) if found else (None, None)


def _is_sentence(p: Paragraph) -> bool:
    return p.text.endswith(".") and not p.text.endswith("...")


def _without_outlet(title: str | None, publisher: str | None) -> str | None:
    """The title without the site's name behind it."""
    if not title or not publisher:
        return title
    return re.sub(rf"\s*[|–—:-]\s*(?:the\s+)?{re.escape(publisher)}\s*$", "", title, flags=re.IGNORECASE) or title


def names_of(line: str) -> tuple[str, ...]:
    """The names in what follows a "By": without titles, posts and places.

    >>> names_of("Dr. Marta Quill, Hugo Tann and Jo van Dam, Senior Fellow"), names_of("Edwin Marsh, Leeds")
    (('Marta Quill', 'Hugo Tann', 'Jo van Dam'), ('Edwin Marsh',))
    """
    found: list[str] = []
    pieces = re.split(r"\s*[,;]\s*(?:and\s+)?|\s+(?:and|&|with)\s+", line.strip(" ."))
    for piece in pieces:
        name = _TITLES.sub("", piece.strip(" .,:"))
        tokens = name.split()
        right = 0 < len(tokens) <= 6 and all(map(_NAME.match, tokens)) and tokens[0][0].isupper() | (not name.isascii())
        if not right or (found and (len(tokens) == 1 or _OUTLET.search(name) or _POST.search(name))):
            break
        if re.match(r"(?:the|our|a)$", tokens[0], re.IGNORECASE) and len(tokens) == 1:
            break
        found.append(name)
    return tuple(dict.fromkeys(found))


_POST = re.compile(
    r"\b(?:fellow|professor|editor|correspondent|analyst|director|researcher|reporter|writer|lecturer|president|minister)\b",
    re.IGNORECASE,
)


def _authors(lines: Iterable[Paragraph]) -> tuple[str, ...]:
    found: list[str] = []
    for p in lines:
        first = BYLINE.match(p.text)
        if first is None:
            continue
        for piece in parts_of(first["names"]):
            if dated(piece) is None or BYLINE.match(piece):
                found += names_of(piece)
                break
        if found:
            break
    return tuple(dict.fromkeys(found))


def _published(
    lines: Sequence[str], origins: Sequence[str], known: Metadata
) -> tuple[str | None, str | None, OriginalSource | None]:
    """Date and publisher of this copy, and where and when the text came out first."""
    seen = [pair for line in lines if (pair := _day_and_outlet(line, known.authors)) is not None]
    pairs = [pair for pair in seen if pair[1]]
    current = [
        d
        for line, d in zip(lines, (_day_and_outlet(x, ()) for x in lines), strict=True)
        if d and not UPDATED.search(line)
    ]
    copyright_of = _owner(known.rights)
    first = _origin(origins)
    publisher = known.publisher
    here = [p for p in pairs if publisher and _same(p[1], publisher)]
    there = [p for p in pairs if p not in here]
    if publisher is None and there:
        here = [max(there, key=lambda p: p[0])] if len({p[0] for p in there}) > 1 else there[:1]
        publisher = here[0][1]
        there = [p for p in there if not _same(p[1], publisher)]
    publisher = publisher or copyright_of
    date = known.date or (here[0][0] if here else None)
    date = date or next((d for d, outlet in current if not outlet or _same(outlet, publisher or outlet)), None)
    if first is not None and first.name and publisher and _same(first.name, publisher) and there:
        first = None
    if first is None and there and publisher:
        first = OriginalSource(there[0][1], there[0][0])
    elif first is not None and first.date is None:
        first = replace(first, date=next((d for d, o in there if first.name and _same(o, first.name)), None))
    return date or next((d for d, _ in seen if not there), None), publisher, first


def _day_and_outlet(line: str, authors: tuple[str, ...]) -> tuple[str, str] | None:
    """Day and outlet of a line of data; a part of it that names an author is no outlet."""
    whole = dated(line)
    if whole is not None and whole[1]:
        return (whole[0], "") if whole[1] in authors or UPDATED.match(whole[1]) else whole
    parts = [p for p in parts_of(line) if not BYLINE.match(p)]
    day = next((d for p in parts if (d := dated(p)) is not None), None)
    if day is None:
        return whole
    others = [p for p in parts if dated(p) is None and role_of(Paragraph(p)) is Role.SHORT and p not in authors]
    return day[0], day[1] or (others[0] if others and len(others[0].split()) <= 7 else "")


def _owner(rights: str | None) -> str | None:
    """Who holds the copyright, where a statement names an outlet."""
    found = _COPYRIGHT.search(rights or "")
    name = found["name"].strip(" ,") if found else ""
    name = re.sub(r",?\s+all\s+rights\s+reserved.*", "", name, flags=re.IGNORECASE)
    return (
        name if name and name[0].isupper() and len(name.split()) <= 7 and not name.lower().startswith("all ") else None
    )


def _origin(lines: Sequence[str]) -> OriginalSource | None:
    """What a sentence says of first publication."""
    for line in lines:
        found = ORIGIN.search(line)
        if found is None:
            continue
        rest = found["a"] or found["b"] or found["c"]
        pair = dated(rest.rstrip("."))
        if pair is not None and pair[1]:
            return OriginalSource(re.sub(r"\s+on$", "", pair[1]), pair[0])
        name = re.sub(r"\.(?!\w).*|\s+on\s+.*", "", _PERMISSION.sub("", rest) if "." not in rest[:-1] else rest).strip(
            " .,"
        )
        if name:
            return OriginalSource(name, pair[0] if pair else None)
    return None


def _same(a: str, b: str) -> bool:
    one, other = (re.sub(r"^the\s+|[^\w]", "", x.lower()) for x in (a, b))
    return one == other or one in other or other in one


def _labels(paragraphs: Sequence[Paragraph], roles: Sequence[Role]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {key: [] for key in LABELS}
    for k, (p, role) in enumerate(zip(paragraphs, roles, strict=True)):
        told = label_of(p.text) if role is Role.LABEL else None
        if told is None:
            continue
        key, value = told
        source = p
        if not value and k + 1 < len(paragraphs) and paragraphs[k + 1].words <= SHORT_LINE:
            source, value = paragraphs[k + 1], paragraphs[k + 1].text
        split = re.split(r"\s*;\s*" if ";" in value else r"\s*[,|·•]\s*", value.rstrip(" ."))
        found[key] += [link.anchor for link in source.links] or [v for v in split if v]
    return {key: tuple(dict.fromkeys(values)) for key, values in found.items()}


def _notes(paragraphs: Sequence[Paragraph], roles: Sequence[Role]) -> tuple[str, ...]:
    """Notes, what stands under a heading on the authors, and sentences on first publication."""
    found: list[str] = []
    about = False
    for p, role in zip(paragraphs, roles, strict=True):
        if role is Role.ABOUT or p.level or role in (Role.END, Role.RULE):
            about = role is Role.ABOUT
        elif role is Role.NOTE or (role is Role.ORIGIN and ends_a_sentence(p.text)) or (about and role is Role.PROSE):
            found.append(p.text)
    return tuple(dict.fromkeys(found))
