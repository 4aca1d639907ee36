"""Which language a text is in, as ISO 639-1: by its script, and in Latin and Cyrillic script by its commonest words.

What it does not do: tell languages apart that are not in the lists. A text too short to tell has no language.
"""

from __future__ import annotations

import re
from collections import Counter

SAMPLE = 20_000  # characters
FEWEST = 3  # common words that must have been seen
SCRIPTS = (
    ("ja", "\u3040", "\u30ff"), ("ko", "\uac00", "\ud7a3"), ("zh", "\u4e00", "\u9fff"), ("he", "\u0590", "\u05ff"),
    ("ar", "\u0600", "\u06ff"), ("el", "\u0370", "\u03ff"), ("hi", "\u0900", "\u097f"), ("th", "\u0e00", "\u0e7f"),
    ("ru", "\u0400", "\u04ff"),
)  # fmt: skip
"""Language that a script is taken for first, and the script's range."""
LETTERS = {"ar": (("fa", "پچژگ"), ("ur", "ٹڈڑے")), "ru": (("uk", "іїєґ"), ("sr", "ђћљњџ"), ("be", "ў"))}
"""Letters by which another language of the same script is known."""
COMMON = {
    "en": "the of and to in that is was for with as by on from it are has have been not",
    "de": "der die das und ist nicht mit von den dem ein eine im auf für des sich auch zu wurde",
    "fr": "le la les des et est une dans que pour qui pas sur au avec du par ce sont été",
    "es": "el los las una por con para del se está como más pero su al es lo fue y que",
    "it": "il che di è non per una con gli della del sono nel alla dei anche più le lo ha",
    "pt": "o os as um uma não com para do da dos das em por mais foi ao pelo é que",
    "nl": "het een van en niet met voor zijn op de aan door werd ook naar dat bij heeft uit om",
    "pl": "nie się na jest że do w z i oraz przez dla jak po od za był są tym który",
    "sv": "och att det som är inte en ett för på med av till den har om från de var kan",
    "tr": "ve bir bu için ile da de olarak olan daha çok ancak gibi kadar sonra ne en ise ya değil",
    "id": "yang dan di dengan untuk dari pada dalam tidak ini itu akan oleh telah juga ke sebagai adalah bahwa atau",
}
_WORDS = {language: frozenset(words.split()) for language, words in COMMON.items()}
_WORD = re.compile(r"[^\W\d_]+")


def language_of(text: str) -> str | None:
    """The language of a text; None where too little of it is known.

    >>> language_of("The minister said that the treaty was not to be signed in the capital.")
    'en'
    >>> language_of("Міністр сказав, що угоду не підписано."), language_of("Krk 17")
    ('uk', None)
    """
    sample = text[:SAMPLE]
    letters = sum(ch.isalpha() for ch in sample)
    for language, first, last in SCRIPTS:
        n = sum(first <= ch <= last for ch in sample)
        if n > 0.3 * letters or (language in ("ja", "ko") and n > 0.1 * letters):
            low = sample.lower()
            return next((other for other, own in LETTERS.get(language, ()) if any(ch in low for ch in own)), language)
    seen = Counter(_WORD.findall(sample.lower()))
    scores = {language: sum(seen[w] for w in words) for language, words in _WORDS.items()}
    best = max(scores, key=lambda language: scores[language])
    return best if scores[best] >= FEWEST else None
