"""What a line of a document is, by its words: a byline, a date, a caption, a rights statement, the site talking.

The cues are tables, in the order in which they are asked; a new one is a line in a table. Where a line stands is not
asked here: :mod:`tertius.reading.dump` puts lines and places together. A long paragraph is prose unless the site speaks
in it more than once, for an article may speak of newsletters too.
"""

from __future__ import annotations

import re
from enum import Enum

from tertius.reading.days import find_day
from tertius.reading.paragraphs import Paragraph

LONG = 40  # words: prose, unless a site speaks in it more than once
SHORT_LINE = 20  # words: a line of data (label, byline, date) has no more
PROSE = 12  # words of a paragraph that can begin a body
LABELS = {
    "regions": r"regions?|countr(?:y|ies)|geograph(?:y|ies)|places?|locations?|areas?",
    "themes": r"themes?|topics?|tags?|tagged|keywords?|subjects?|filed under|posted in|categor(?:y|ies)|sections?|"
    r"issues?|issue areas?",
    "report": r"in-depth reports?|projects?|dossiers?|special (?:reports?|coverage)|series|collections?|spotlights?",
}
"""Key of the metadata -> the words before its colon."""


class Role(Enum):
    """What a line is."""

    PROSE = "prose"  # may be the body
    SHORT = "short"  # a heading, a title, or anything
    LABEL = "label"  # Region: ...
    BYLINE = "byline"
    DATED = "dated"  # a date, perhaps with an outlet
    ORIGIN = "origin"  # where it came out first
    CAPTION = "caption"
    NOTE = "note"  # on the author, the source, the edition
    ABOUT = "about"  # the heading of notes on the author
    RIGHTS = "rights"
    SITE = "site"  # the site, talking to its reader
    END = "end"  # the heading of what follows an article
    RULE = "rule"
    IMAGE = "image"


_LABEL = re.compile(rf"^({'|'.join(LABELS.values())})\s*:\s*(.*)$", re.IGNORECASE)
_KEYS = {key: re.compile(rf"(?:{words})$", re.IGNORECASE) for key, words in LABELS.items()}
BYLINE = re.compile(
    r"^(?:(?:(?:written|words|story|analysis|opinion|commentary|comment|letter|op-?ed|posted|report|column|text)\s+)?by\b"
    r"|authors?(?:\(s\))?\s*:|letter from\b|from\s*:)\s*:?\s*(?P<names>\S.*)$",
    re.IGNORECASE,
)
ORIGIN = re.compile(
    r"\b(?:first|originally)\s+(?:published|appeared|posted|printed|aired)\s+(?:(?:by|in|at|on|with)\s+)?(?P<a>.+)"
    r"|\b(?:original\s+source\s+of\s+this\s+(?:article|text|piece|report)\s+is|"
    r"(?:re-?published|reprinted|reposted|cross-?posted)\s+(?:here\s+)?(?:with\s+(?:the\s+)?(?:kind\s+)?permission\s+)?(?:from|of|by\s+permission\s+of))"
    r"\s+(?P<b>.+)|^(?:original\s+)?source\s*:\s*(?P<c>\S.{0,80})$",
    re.IGNORECASE,
)
_ABOUT = re.compile(
    r"^(?:about\s+the\s+(?:authors?|writers?|contributors?)|authors?'?\s+bio(?:graph(?:y|ies))?s?|the\s+authors?|"
    r"contributors?|acknowledge?ments?)\s*:?$",
    re.IGNORECASE,
)
_END = re.compile(
    r"^(?:related(?:\s+(?:articles?|stor(?:y|ies)|posts?|content|reading|news|links|topics?|publications?))?"
    r"|(?:more|most)\s+(?:read|viewed|popular|shared|recent|commented)(?:\s+\w+)?|more\s+(?:from|on|stories|news|by)\b.*"
    r"|(?:\d+\s+|all\s+|readers?'?\s+)?comments?(?:\s*\(\d+\)|\s*:?\s*\d+)?|leave\s+a\s+(?:reply|comment)|join\s+the\s+(?:discussion|conversation)"
    r"|read\s+(?:next|also|more)|recommended(?:\s+(?:for\s+you|reading|stories))?|(?:you\s+)?(?:may|might)\s+also\s+(?:like|be\s+interested.*)"
    r"|trending(?:\s+\w+)?|(?:latest|top|other|editor'?s'?)\s+(?:news|stories|articles|picks|headlines|posts)"
    r"|stay\s+(?:informed|connected|in\s+touch|up\s+to\s+date)|(?:foot|end)?notes|references|bibliography|works\s+cited"
    r"|(?:previous|next)\s+(?:article|post|story))\s*:?$",
    re.IGNORECASE,
)
_NOTE = re.compile(
    r"^\(?(?:additional\s+)?(?:reporting|writing|editing)\s+by\b|^(?:editor|author|publisher|translator)s?['’]?s?\s+notes?\s*[:.—-]"
    r"|^(?:correction|clarification|update)\s*(?:\(.{0,40}\))?\s*:|\bviews\s+(?:and\s+opinions\s+)?expressed\b|\bopinions\s+expressed\b"
    r"|^(?:the\s+)?featured\s+image\s+(?:is\s+)?(?:from|by|courtesy|source)|^about\s+the\s+author|^this\s+(?:article|piece|essay|text|brief)\s+(?:was|is|has|draws)\b"
    r"|^translated\s+(?:from|by)\b|^(?:he|she|they)\s+(?:is|are|was|has|writes?|teaches|can\s+be)\b.{0,60}\b(?:author|book|professor|fellow|twitter|contributor|latest)\b",
    re.IGNORECASE,
)
_POST = (
    r"(?:(?:senior|visiting|non-?resident|research|associate|assistant|adjunct|distinguished|emeritus|former|retired|"
    r"regular|frequent|freelance|independent|award-winning|british|american|staff|political|foreign|chief|deputy|policy|"
    r"international|the|an?|our|[\w-]+)\s+){0,5}"
    r"(?:fellow|professor|lecturer|researcher|analyst|journalist|author|writer|editor|columnist|correspondent|reporter|"
    r"director|scholar|historian|economist|student|candidate|teacher|schoolteacher|diplomat|ambassador|contributor|"
    r"associate|president|founder|chair|lawyer|officer|scientist|expert|consultant|reader|blogger|activist|co-?founder)\b"
)
_BIO = re.compile(
    rf"^(?:(?:(?:Dr|Prof|Professor|Mr|Mrs|Ms|Sir|Col|Gen|Amb)\.?\s+)?(?:[A-Z][\w.'’-]*\s+){{1,4}}|the\s+(?:author|writer)s?\s+)"
    rf"(?:is|was|are|serves\s+as|works\s+as)\s+(?i:{_POST})",
)
_RIGHTS = re.compile(
    r"(?P<start>^\W{0,2}(?:©|\(c\)|copyright\b|disclaimer\b|all\s+rights\s+reserved|creative\s+commons|licen[sc]e\s*:|rights\s*:))"
    r"|©|\bcopyright(?:ed)?\b|\ball\s+rights\s+reserved\b|\bfair\s+use\b|\bcreative\s+commons\b|\bcc[\s-]by\b"
    r"|\blicen[sc]ed\s+under\b|\bpermission\s+to\s+(?:cross-)?(?:re)?-?(?:post|publish|print|produce)"
    r"|\b(?:may|must|can)\s?not\s+be\s+(?:reproduced|republished|redistributed|copied)\b|\bwithout\s+(?:prior\s+)?(?:written\s+)?permission\b",
    re.IGNORECASE,
)
_CREDIT = (
    r"(?:photo|image|picture|photograph|credit|courtesy|getty|afp|reuters|\bap\b|\bepa\b"
    r"|flickr|wikimedia|shutterstock|unsplash|illustration|screenshot|cc[ -]by|public domain)"
)
_CAPTION = re.compile(
    rf"^(?:photo(?:graph)?|image|picture|pictured|credit|caption|illustration|file\s+photo|figure\s+\d+|fig\.\s*\d+|map|"
    rf"featured\s+image)(?:\s+(?:by|credit))?\s*[:.—-]|[(\[][^()\[\]]{{0,80}}\b{_CREDIT}[^()\[\]]{{0,80}}[)\]]\.?$"
    rf"|\b(?:photo(?:graph)?|image|picture|credits?|illustration)(?:\s+(?:by|credit|courtesy(?:\s+of)?))?\s*:\s*[^.:]{{2,60}}$"
    rf"|(?:\||/|—|–)\s*(?:photo|image)?\s*(?:by\s+)?[^.|]{{0,40}}(?:getty\s+images|afp|reuters|\bap\b|\bepa\b)\.?$",
    re.IGNORECASE,
)
_SITE = re.compile(
    r"\b(?:subscribe\s+(?:to|now|today|for)\b|sign\s+up\s+(?:for|to|now|here|today)\b|click\s+(?:here|the|on)\b|share\s+buttons?\b"
    r"|(?:follow|like|find|join|visit)\s+us\s+(?:on|at)\b|join\s+our\b|cookies?\b.{0,60}\b(?:accept|policy|experience|consent|use)\b|we\s+use\s+cookies"
    r"|privacy\s+policy|terms\s+(?:of\s+(?:use|service)|and\s+conditions)|skip\s+to\s+(?:main\s+)?content|become\s+an?\s+(?:\w+\s+)?(?:member|subscriber|supporter|patron)\b"
    r"|support\s+(?:our|independent|us)\b|(?:make\s+a\s+)?donat(?:e|ion)s?\b.{0,20}\b(?:now|today|here|us|to)\b|our\s+(?:\w+\s+){0,3}(?:newsletter|channel|app|website|podcast)\b"
    r"|daily\s+newsletter|newsletters?\b.{0,30}\bclick|repost\s+and\s+share|email\s+us|e-?mail\s+(?:this|to)\b|download\s+(?:the|this|our)\b"
    r"|comment\s+on\b.{0,60}\b(?:facebook|page)|translate\s+(?:website|this)|report\s+abuse|can\s+be\s+read\s+in\s+\d+\s+languages|enable\s+javascript"
    r"|(?:for\s+)?media\s+(?:inquiries|enquiries|contact)\b|contact\s+us\b|your\s+(?:inbox|browser|email\s+address)|continue\s+reading|ad\s?blocker"
    r"|feel\s+free\s+to\s+(?:repost|share)|free\s+trial|already\s+a\s+(?:member|subscriber)|considered\s+for\s+publication"
    r"|have\s+an\s+opinion\s+on|cite\s+this|share\s+this|print\s+this|listen\s+to\s+this\s+article|note\s+to\s+readers)",
    re.IGNORECASE,
)
_SITE_LINE = re.compile(
    r"^(?:share(?:\s+(?:on|via|to|with)?\s*\w+)?|tweet|e-?mail|print|reply|subscribe|sign\s?(?:in|up|out)|log\s?(?:in|out)|register|home|menu|search|close"
    r"|advert(?:isement|ising)?|sponsored(?:\s+content)?|promoted|likes?|copy\s+link|facebook|twitter|x|whatsapp|telegram|linkedin|reddit|instagram|youtube|pinterest"
    r"|next|previous|prev|back(?:\s+to\s+top)?|top|listen|save|bookmark|donate|more|read\s+more|show\s+more|load\s+more|view\s+all|see\s+all|expand|edit|flag|permalink|quote"
    r"|\d+\s*min(?:ute)?s?(?:\s+read)?|\d[\d,.]*k?\s+(?:people|likes?|comments?|shares?|views?|replies|votes?|reads?|followers?)\b.*|(?:page\s+)?\d{1,4}(?:\s*(?:/|of)\s*\d{1,4})?"
    r"|(?:read|see|watch|listen|also\s+read)(?:\s+(?:more|also|next|now))?\s*:.*|articles?\s+by\s*:?.*|related\s*:.*|policy\s+brief(?:\s+no\.?\s*\d+)?|photo|image|video|gallery"
    r"|(?:last\s+)?(?:updated|modified)\s+\d+\s+\w+\s+ago|\d+\s+(?:minutes?|hours?|days?|weeks?|months?|years?)\s+ago|report|hide|award|anonymous)\s*[.!…»>→]*$",
    re.IGNORECASE,
)
_SEPARATORS = re.compile(r"\s+[|•·»›>/—–]\s+|\s*[|•·»›]\s*")
_ENDED = re.compile(r"[.!?…:;][\"'”’»)\]*]*$|[。！？؟।]$")
_AGO = re.compile(r"\b(?:\d+|an?)\s*(?:min|minute|hour|day|week|month|year)s?\s+ago\b", re.IGNORECASE)
_DATE_WORDS = re.compile(
    r"\b(?:(?:first\s+)?(?:published|posted|date|issued|created|released)(?:\s+(?:on|at))?|on|at|(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?"
    r"|\d{1,2}[:.]\d{2}(?::\d{2})?\s*(?:[ap]\.?m\.?)?|[ap]\.?m\.?|utc|gmt|b?st|c?es?t|[ce]?e[sd]t|p[sd]t|cest|hrs?)\b\.?",
    re.IGNORECASE,
)
UPDATED = re.compile(r"\b(?:updated|modified|revised|accessed|retrieved)\b", re.IGNORECASE)


def ends_a_sentence(text: str) -> bool:
    """Whether a paragraph ends as a sentence does."""
    return _ENDED.search(text.rstrip()[-12:]) is not None


def parts_of(text: str) -> list[str]:
    """A line of data in its parts, at bars, dots and dashes."""
    return [p.strip(" ,;") for p in _SEPARATORS.split(text) if p.strip(" ,;")]


def label_of(text: str) -> tuple[str, str] | None:
    """Key of the metadata and value of a line ``Region: Asia``.

    >>> label_of("Filed under: Arms"), label_of("The region: a summary")
    (('themes', 'Arms'), None)
    """
    found = _LABEL.match(text)
    if found is None:
        return None
    key = next(k for k, words in _KEYS.items() if words.match(found[1].strip()))
    return key, found[2].strip()


def dated(text: str) -> tuple[str, str] | None:
    """Day and outlet of a line that says when (and where) something came out, and nothing else.

    >>> dated("Global Research, September 19, 2023"), dated("18 September 2023 Antiwar.com")
    (('2023-09-19', 'Global Research'), ('2023-09-18', 'Antiwar.com'))
    >>> dated("On 18 September 2023 the two met in the far east of the country") is None
    True
    """
    found = find_day(text)
    if found is None:
        return None
    day, (start, end) = found
    rest = _DATE_WORDS.sub(" ", f"{text[:start]} | {text[end:]}")
    left = [p.strip(" ,;:.()-–—") for p in re.split(r"[|•·]", rest)]
    names = [" ".join(p.split()) for p in left if re.search(r"[^\W\d_]", p)]
    if not names:
        return day, ""
    if len(names) > 1 or len(names[0].split()) > 7 or not (names[0][0].isupper() or "." in names[0]):
        return None
    return day, names[0].strip(" ,;:")


def role_of(p: Paragraph) -> Role:
    """What a paragraph is, by its own words.

    >>> role_of(Paragraph("Follow us on Instagram and Twitter.")).name, role_of(Paragraph("By Ann Lee")).name
    ('SITE', 'BYLINE')
    """
    if p.kind in ("rule", "image", "caption"):
        return Role(p.kind)
    text = p.text[:3000]
    short = p.words <= SHORT_LINE
    if short and (role := _short_role(p, text)) is not None:
        return role
    rights = [*_RIGHTS.finditer(text)]
    if rights and (rights[0]["start"] is not None or len({m[0].lower() for m in rights}) > 1):
        return Role.RIGHTS
    if p.words <= 60 and _CAPTION.search(text):
        return Role.CAPTION
    site = len(_SITE.findall(text))
    if site >= (2 if p.words > LONG else 1) and not (p.main and p.words > SHORT_LINE and site == 1):
        return Role.SITE
    if p.words <= 120 and (ORIGIN.search(text) if short else ORIGIN.match(text) or _this_was(text)):
        return Role.ORIGIN
    if _NOTE.search(text[:400]) or _BIO.match(text):
        return Role.NOTE
    if p.level or (not ends_a_sentence(text) and p.words < PROSE):
        return Role.SHORT
    return Role.PROSE if ends_a_sentence(text) or p.words >= PROSE else Role.SHORT


def _this_was(text: str) -> re.Match[str] | None:
    return (
        ORIGIN.search(text)
        if re.match(r"(?:this|the)\s+(?:article|report|piece|story|text|essay)", text, re.IGNORECASE)
        else None
    )


def _short_role(p: Paragraph, text: str) -> Role | None:
    """What a line of data is; None for any other."""
    if _ABOUT.match(text):
        return Role.ABOUT
    if _END.match(text):
        return Role.END
    if _SITE_LINE.match(text) or (_AGO.search(text) and p.words <= 6):
        return Role.SITE
    if label_of(text) is not None:
        return Role.LABEL
    if ORIGIN.search(text):
        return Role.ORIGIN
    pieces = parts_of(text)
    if BYLINE.match(text) and not ends_a_sentence(text) and p.kind != "item":
        return Role.BYLINE
    if any(dated(piece) for piece in pieces) and not p.level:
        return Role.DATED
    if (len(pieces) >= 3 and all(len(x.split()) <= 4 for x in pieces)) or (
        pieces and all(map(_SITE_LINE.match, pieces))
    ):
        return Role.SITE
    linked = sum(len(link.anchor) for link in p.links)
    if linked > 0.8 * len(text) and not p.level and p.main is not True and p.kind != "quote":
        return Role.SITE
    return None
