"""Labels as parts of addresses, whatever they contain.

Letters of ASCII, digits, ``-`` and ``_`` stand for themselves; every other byte of UTF-8 is ``~`` and two digits, so
that no slash, full stop or percent sign is ever part of a label (as datasette does it).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import quote, urlencode

_ESCAPED = re.compile(r"(?:~[0-9A-Fa-f]{2})+")


def segment(label: str) -> str:
    """A label as one segment of a path.

    >>> segment("A/B.c"), segment("PRK")
    ('A~2FB~2Ec', 'PRK')
    """
    return quote(label, safe="", errors="replace").replace("~", "%7E").replace(".", "%2E").replace("%", "~")


def label(segment: str) -> str:
    """The label of a segment.

    >>> label("A~2FB~2Ec")
    'A/B.c'
    """
    return _ESCAPED.sub(lambda m: bytes.fromhex(m[0].replace("~", "")).decode("utf-8", "replace"), segment)


def with_query(path: str, query: Mapping[str, object]) -> str:
    """A path with a query; without one where there is nothing to say.

    >>> with_query("/pairs", {"top": 0, "rose": True, "sort": None})
    '/pairs?top=0&rose=1'
    """
    said = {name: value for name, value in query.items() if value is not None and value is not False and value != ""}
    said = {name: 1 if value is True else value for name, value in said.items()}
    return f"{path}?{urlencode(said)}" if said else path
