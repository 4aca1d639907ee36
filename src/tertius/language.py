"""Sentences that can be said in another language.

A sentence is made in one place, from its figures, by :func:`say`. What comes back is the English sentence: a ``str``
that JSON, a terminal and a test take as one. It also keeps its template and what was filled in, so that
:func:`in_language` can say it again in another language, its numbers, days and names of states as is usual there. A
plain ``str`` stays as it is in every language: labels of the data, quotations, commands, codes.

    >>> found = say("{a} and {b} rose by {size}", a=say("Cooperation"), b=Name("Russia", "RUS"), size=Number("1.25"))
    >>> found == "Cooperation and Russia rose by 1.25"
    True

Translations are catalogues of gettext, ``locale/LANGUAGE/LC_MESSAGES/tertius.po``, read when they are needed; babel
reads them, and knows how numbers, days and states are written. A message that a catalogue lacks stays English, which
the tests do not let pass; they were made without a native speaker's reading, which the documentation says.

Adding a text to a sentence, ``+``, keeps both; ``str.join`` and an f-string keep the English alone, so that sentences
are joined by :func:`joined` and made by :func:`say`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import cache, cached_property
from gettext import c2py
from importlib.resources import files
from string import Formatter
from typing import Any

ENGLISH = "en"
LANGUAGES: Mapping[str, str] = {
    "en": "English",
    "fr": "français",
    "es": "español",
    "de": "Deutsch",
    "ru": "русский",
    "zh": "中文",
    "ko": "한국어",
    "ar": "العربية",
}
"""Languages that answers are written in, by their code, each in its own name."""
RIGHT_TO_LEFT = frozenset({"ar"})
NARROW = frozenset({"zh", "ko"})
"""Languages whose letters are twice as wide as ours."""

_EDGES = re.compile(r"^(\s*)(.*?)(\s*)$", re.DOTALL)
_PARTICLE = re.compile(r"([가-힣])(이\(가\)|을\(를\)|은\(는\)|과\(와\)|\(으\)로|\(이\)다)")
"""A Korean syllable, and a particle after it that is written in both of its forms."""
_FRENCH_MARK = re.compile(r" +([:;?!»%](?:\s|$))")
_FULL_STOPS = re.compile(r"(?<=[。！？；：，、]) +")


class Spoken(str):
    """A text that knows how to be said in another language; as a ``str`` it is the English one."""

    def spoken(self, tongue: Tongue) -> str:
        """The text in that language."""
        raise NotImplementedError

    def __add__(self, other: str) -> str:
        return joined((self, other), "")

    def __radd__(self, other: str) -> str:
        return joined((other, self), "")

    def strip(self, chars: str | None = None) -> str:
        """The text without white space (or ``chars``) around it."""
        return self if str(self) == str(self).strip(chars) else Changed(self, "strip", chars)

    def rstrip(self, chars: str | None = None) -> str:
        """The text without white space (or ``chars``) at its end."""
        return self if str(self) == str(self).rstrip(chars) else Changed(self, "rstrip", chars)

    def capitalize(self) -> str:
        """The text with a capital first letter; the rest as it is where another language is spoken."""
        return Changed(self, "capitalize", None)

    def __deepcopy__(self, _: Any) -> str:
        return self

    def __copy__(self) -> str:
        return self


class Message(Spoken):
    """A template and what is filled in; ``many`` and ``n`` where there is one form for one and another for several."""

    template: str
    fields: Mapping[str, Any]
    many: str
    n: float

    def __new__(cls, template: str, fields: Mapping[str, Any], many: str = "", n: float = 1) -> Message:
        chosen = many if many and n != 1 else template
        text = chosen.format(**{k: _english(v) for k, v in fields.items()}) if fields else chosen
        made = super().__new__(cls, text)
        made.template, made.fields, made.many, made.n = template, fields, many, n
        return made

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.template, dict(self.fields), self.many, self.n)

    def format(self, *_: Any, **fields: Any) -> Message:
        """The same template, filled in."""
        return Message(self.template, fields)

    def spoken(self, tongue: Tongue) -> str:
        template = tongue.plural(self.template, self.many, self.n) if self.many else tongue.find(self.template)
        return tongue.filled(template, self.fields) if self.fields else template


class Joined(Spoken):
    """Several texts, one after the other."""

    parts: tuple[str, ...]
    between: str

    def __new__(cls, parts: Iterable[str], between: str) -> Joined:
        parts = tuple(parts)
        made = super().__new__(cls, between.join(parts))
        made.parts, made.between = parts, between
        return made

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.parts, self.between)

    def spoken(self, tongue: Tongue) -> str:
        return tongue.separator(self.between).join(in_tongue(p, tongue) for p in self.parts)


class Changed(Spoken):
    """A text of ours with another first letter, or without what stands around it."""

    whole: str
    how: str
    chars: str | None

    def __new__(cls, whole: str, how: str, chars: str | None = None) -> Changed:
        made = super().__new__(cls, _changed(str(whole), how, chars))
        made.whole, made.how, made.chars = whole, how, chars
        return made

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.whole, self.how, self.chars)

    def spoken(self, tongue: Tongue) -> str:
        how = "capital" if self.how == "capitalize" else self.how
        return _changed(in_tongue(self.whole, tongue), how, self.chars)


class Number(Spoken):
    """A number as English writes it."""

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (str(self),)

    def spoken(self, tongue: Tongue) -> str:
        return tongue.number(str(self))


class Day(Spoken):
    """A day, month or year as ISO 8601 writes it; any other text stays as it is."""

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (str(self),)

    def spoken(self, tongue: Tongue) -> str:
        return tongue.day(str(self))


class Name(Spoken):
    """The English name of an actor, and its code."""

    code: str

    def __new__(cls, text: str, code: str) -> Name:
        made = super().__new__(cls, text)
        made.code = code
        return made

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (str(self), self.code)

    def spoken(self, tongue: Tongue) -> str:
        return tongue.names.get(self.code) or str(self).removeprefix("the ")


class Line(Spoken):
    """A line of a text that is broken into lines of some width, by :func:`wrapped`."""

    whole: str
    width: int

    def __new__(cls, text: str, whole: str, width: int) -> Line:
        made = super().__new__(cls, text)
        made.whole, made.width = whole, width
        return made

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (str(self), self.whole, self.width)

    def spoken(self, tongue: Tongue) -> str:
        return str(self)  # never alone: with all lines of its text, by in_language


KINDS: Mapping[str, type[Spoken]] = {k.__name__: k for k in (Message, Joined, Changed, Number, Day, Name, Line)}
"""Kinds of text, by name, for what is kept on disk: each is made again from what its ``__reduce__`` gives."""


def say(template: str, **fields: Any) -> str:
    """A sentence, or a part of one: a template with ``{fields}``, and what they hold.

    A number in a field is written as its format in the template says: ``{n:,}``.

    >>> say("{n:,} events of {who}", n=1200, who="RUS")
    '1,200 events of RUS'
    """
    return Message(template, fields)


def plural(one: str, many: str, n: float, **fields: Any) -> str:
    """A sentence about ``n`` of something, which is a field of both templates.

    >>> [plural("{n} event", "{n} events", n) for n in (1, 2)]
    ['1 event', '2 events']
    """
    return Message(one, {"n": n, **fields}, many, n)


def forms(one: str, many: str) -> tuple[str, str]:
    """The two templates of :func:`plural`, where they stand in a table."""
    return one, many


def joined(parts: Iterable[str], between: str = " ") -> str:
    """Texts one after the other, as ``between.join(parts)``.

    >>> joined(("A rise.", "A fall."))
    'A rise. A fall.'
    """
    return Joined(parts, between)


def capital(text: str) -> str:
    """The text with a capital first letter.

    >>> capital(say("across all pairs of NATO"))
    'Across all pairs of NATO'
    """
    return Changed(text, "capital") if isinstance(text, Spoken) else _changed(text, "capital", None)


def small(text: str) -> str:
    """The text with a small first letter, to stand inside a sentence."""
    return Changed(text, "small") if isinstance(text, Spoken) else _changed(text, "small", None)


def wrapped(text: str, width: int) -> list[str]:
    """The lines of a text, none longer than ``width`` characters where its words allow it.

    >>> wrapped(say("Cooperation over time"), 12)
    ['Cooperation', 'over time']
    """
    import textwrap

    lines = textwrap.wrap(str(text), width)
    return [Line(line, text, width) for line in lines] if isinstance(text, Spoken) else lines


_VOCABULARY = (
    say("cooperation"),
    say("hostility"),
    say("any"),
    say("interaction"),
    say("dealings"),
    say("events"),
    say("weight"),
    say("count"),
    say("day"),
    say("week"),
    say("month"),
    say("year"),
    say("quarter"),
    say("slice"),
    say("period"),
    say("rate"),
    say("within-pair"),
    say("within"),
    say("sign"),
    say("full"),
    say("sampled"),
    say("state"),
    say("territory"),
    say("organization"),
    say("organisation"),
    say("historic"),
    say("event"),
    say("trend"),
    say("extreme"),
    say("cause"),
    say("isolation"),
    say("general"),
    say("prediction"),
    say("policy"),
    say("capability"),
    say("motive"),
    say("value"),
    say("actors"),
    say("window"),
    say("even"),
    say("signs"),
    say("degrees"),
    say("all"),
    say("recurrent"),
    say("novel"),
    say("duplicate id"),
    say("no code"),
    say("null actor"),
    say("other sector"),
    say("domestic"),
    say("self pair"),
    say("unknown type"),
    say("null weight"),
    say("zero weight"),
    say("not root"),
    say("far date"),
    say("re emitted"),
    say("same day"),
    say("no event"),
    say("date 1920"),
    say("military cooperation"),
    say("trade"),
    say("aid"),
    say("talks"),
    say("sanctions"),
    say("promises"),
    say("support"),
    say("concessions"),
    say("material cooperation"),
    say("retreat"),
    say("demands"),
    say("accusations"),
    say("refusals"),
    say("threats"),
    say("protests"),
    say("shows of force"),
    say("coercion"),
    say("attacks"),
    say("arms deliveries"),
    say("military exercises"),
    say("war"),
    say("refuse"),
    say("demand"),
    say("military"),
    say("economic"),
    say("directed"),
    say("undirected"),
)
_WORDS = {str(word): word for word in _VOCABULARY}


def known(word: str) -> str:
    """A lone word that stands in a value of an answer (an outcome, a kind, a rule), as one that can be said in another
    language; any other text, such as a label of the data, as it is.

    >>> known("hostility"), known("NATO")
    ('hostility', 'NATO')
    """
    return _WORDS.get(word, word)


SEPARATORS = (say("A, B"), say("A; B"), say("A and B"), say("A, and B"), say("A or B"), say("A to B"))
"""What stands between two texts, as patterns of the catalogue."""


def in_language(value: Any, language: str) -> Any:
    """A text in a language; of a tuple, list or dictionary, every text in it. Plain texts stay as they are.

    Raises LookupError where there is no such language, ModuleNotFoundError where babel is missing.

    >>> in_language(say("Yes"), "en")
    'Yes'
    """
    if language == ENGLISH:
        return value
    return in_tongue(value, tongue_of(language))


def in_tongue(value: Any, tongue: Tongue) -> Any:
    """As :func:`in_language`."""
    if isinstance(value, Spoken):
        return tongue.finished(value.spoken(tongue))
    if isinstance(value, dict):
        return {k: in_tongue(v, tongue) for k, v in value.items()}
    if isinstance(value, list | tuple):
        if value and isinstance(value[0], Line):
            return _lines_again(value[0], tongue)
        return type(value)(in_tongue(v, tongue) for v in value)
    return value


def direction(language: str) -> str:
    """Which way a language is written: "ltr" or "rtl"."""
    return "rtl" if language in RIGHT_TO_LEFT else "ltr"


@cache
def chart_locale(language: str) -> dict[str, Any]:
    """How charts write numbers and dates: Vega's ``config.locale``. Raises as :func:`in_language`."""
    locale = tongue_of(language).locale
    symbols = locale.number_symbols["latn"]
    return {
        "number": {
            "decimal": symbols["decimal"],
            "thousands": symbols["group"],
            "grouping": [3],
            "currency": ["", ""],
            "minus": symbols["minusSign"],
        },
        "time": {
            "dateTime": "%x, %X",
            "date": "%Y-%m-%d",
            "time": "%H:%M:%S",
            "periods": [locale.day_periods["format"]["abbreviated"].get(k, k) for k in ("am", "pm")],
            "days": [locale.days["stand-alone"]["wide"][k] for k in (6, 0, 1, 2, 3, 4, 5)],
            "shortDays": [locale.days["stand-alone"]["abbreviated"][k] for k in (6, 0, 1, 2, 3, 4, 5)],
            "months": [locale.months["stand-alone"]["wide"][k] for k in range(1, 13)],
            "shortMonths": [locale.months["stand-alone"]["abbreviated"][k] for k in range(1, 13)],
        },
    }


def offered() -> tuple[str, ...]:
    """English, and every language that has a catalogue."""
    return (ENGLISH, *(x for x in LANGUAGES if x != ENGLISH and catalogue_of(x).is_file()))


def catalogue_of(language: str) -> Any:
    """Where the catalogue of a language is."""
    return files("tertius").joinpath("locale", language, "LC_MESSAGES", "tertius.po")


@cache
def tongue_of(language: str) -> Tongue:
    """What is known of a language. Raises as :func:`in_language`."""
    if language not in LANGUAGES:
        raise LookupError(f"{language} is none of the languages {', '.join(LANGUAGES)}")
    return Tongue(language)


class Tongue:
    """A language: its catalogue, and how numbers, days and states are written in it."""

    def __init__(self, language: str) -> None:
        from babel import Locale
        from babel.messages.pofile import read_po

        self.language = language
        self.locale = Locale.parse(language)
        with catalogue_of(language).open("rb") as stream:
            found = read_po(stream, locale=language)
        self._singular: dict[str, str] = {}
        self._plural: dict[str, tuple[str, ...]] = {}
        for message in found:
            if not message.id or message.fuzzy:
                continue
            if isinstance(message.id, tuple):
                self._plural[message.id[0]] = tuple(message.string)
            elif message.string:
                self._singular[message.id] = message.string
        self._form: Callable[[int], int] = c2py(found.plural_expr)
        self._separators = {s[1:-1]: self.find(s) for s in SEPARATORS}
        symbols = self.locale.number_symbols["latn"]
        self._marks = str.maketrans({",": symbols["group"], ".": symbols["decimal"], "-": symbols["minusSign"]})
        self._percent = self.locale.percent_formats[None].pattern.removeprefix("#,##0")

    @cached_property
    def names(self) -> dict[str, str]:
        """Names of states by their code (ISO 3166, three letters), and of the EU and the UN."""
        from babel.core import get_global

        territories = self.locale.territories
        return {
            old: territories[new[0]]
            for old, new in get_global("territory_aliases").items()
            if len(old) == 3 and old.isalpha() and len(new) == 1 and new[0] in territories and old not in _GONE
        } | {"XKX": territories["XK"], "EU": territories["EU"], "UN": territories["UN"]}

    def find(self, text: str) -> str:
        """The template in this language, with the white space around it that the English one has."""
        before, inside, after = _parted(text)
        return f"{before}{self._singular.get(inside, inside)}{after}"

    def plural(self, one: str, many: str, n: float) -> str:
        """The template for ``n``. Fractions take the form of several."""
        before, inside, after = _parted(one)
        forms = self._plural.get(inside)
        if forms is None:
            return one if n == 1 else many
        return f"{before}{forms[self._form(int(n) if n == int(n) else 2)]}{after}"

    def filled(self, template: str, fields: Mapping[str, Any]) -> str:
        """A template with what its fields hold, said in this language."""
        return _Filling(self).vformat(template, (), fields)

    def separator(self, between: str) -> str:
        """What stands between two texts in this language: a pattern "A, B" of the catalogue without A and B."""
        pattern = self._separators.get(between)
        return between if pattern is None else pattern.removeprefix("A").removesuffix("B")

    def number(self, text: str) -> str:
        """A number as this language writes it, from how English does: group, decimal mark, minus and per cent."""
        return text.translate(self._marks).replace(" %", self._percent)

    def day(self, text: str) -> str:
        """A day, month or year as this language writes it."""
        from babel.dates import format_date, format_skeleton

        try:
            if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
                return str(format_date(date.fromisoformat(text), "medium", locale=self.locale))
            if re.fullmatch(r"\d{4}-\d\d", text):
                return str(format_skeleton("yMMM", date.fromisoformat(f"{text}-01"), locale=self.locale))
        except ValueError:  # no day of the calendar
            return text
        return text

    def finished(self, text: str) -> str:
        """What hangs on the words that were filled in: in Chinese, no blank after a full stop; in French, one that does
        not break before a high mark; in Korean, the form of a particle after a vowel or a consonant."""
        if self.language == "zh":
            return _FULL_STOPS.sub("", text)
        if self.language == "fr":
            return _FRENCH_MARK.sub("\u00a0\\1", text)
        return _PARTICLE.sub(_particle, text) if self.language == "ko" else text


class _Filling(Formatter):
    """Fills templates in a language."""

    def __init__(self, tongue: Tongue) -> None:
        self.tongue = tongue

    def format_field(self, value: Any, format_spec: str) -> str:
        if isinstance(value, str):
            return format(str(in_tongue(value, self.tongue)), format_spec)
        if isinstance(value, bool | type(None)):
            return str(value)
        if isinstance(value, date):
            return self.tongue.day(str(value))
        return self.tongue.number(format(value, format_spec))

    def convert_field(self, value: Any, conversion: Any) -> Any:
        if conversion is None:
            return value
        return super().convert_field(in_tongue(value, self.tongue), conversion)


@cache
def _parted(text: str) -> tuple[str, str, str]:
    """White space before, the text, white space after."""
    found = _EDGES.match(text)
    assert found is not None
    return found[1], found[2], found[3]


_GONE = frozenset({"DDR", "YMD", "VDR", "BUR", "ZAR", "TMP", "YUG", "SUN", "CSK", "SCG", "ANT", "RHO", "ROM"})
"""States that are no more: babel would call them by the name of what came after."""


def _english(value: Any) -> Any:
    return str(value) if isinstance(value, Spoken) else value


def _changed(text: str, how: str, chars: str | None) -> str:
    if how == "capitalize":
        return text.capitalize()
    if how == "capital":
        return text[:1].upper() + text[1:]
    if how == "small":
        return text[:1].lower() + text[1:]
    return text.strip(chars) if how == "strip" else text.rstrip(chars)


def _particle(found: re.Match[str]) -> str:
    """The syllable with the form of the particle that it asks for."""
    last = (ord(found[1]) - 0xAC00) % 28  # the final consonant: 0 none, 8 rieul
    closed, open_ = {"(으)로": ("으로", "로"), "(이)다": ("이다", "다")}.get(found[2]) or (found[2][0], found[2][2])
    return found[1] + (open_ if last == 0 or (found[2] == "(으)로" and last == 8) else closed)


def _lines_again(line: Line, tongue: Tongue) -> list[str]:
    import textwrap

    width = line.width * 3 // 5 if tongue.language in NARROW else line.width
    return textwrap.wrap(str(in_tongue(line.whole, tongue)), width)
