"""The JavaScript that draws the charts, from vl-convert, kept on disk between runs.

Making it takes two seconds, so it is cached in the user's cache folder under the version of vl-convert. The first line
holds a hash of the rest: a truncated or changed file is made again. Where nothing can be written it is made each time.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import uuid
from importlib.metadata import version
from pathlib import Path

from tertius.cache import cache_folder

HEADER = "// sha256 "


def vega_bundle() -> str:
    """Vega, Vega-Lite and Vega-Embed as one classic script that sets ``vegaEmbed``."""
    path = cache_folder() / f"vega-{version('vl-convert-python')}.js"
    found = _read(path)
    if found is None:
        import vl_convert

        found = (
            str(vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;")).replace("\r\n", "\n").replace("\r", "\n")
        )
        _write(path, found)
    return found


def _read(path: Path) -> str | None:
    """The bundle in a file; None where it is not there or not whole."""
    try:
        first, _, rest = path.read_bytes().decode("utf-8").partition("\n")
    except (OSError, UnicodeDecodeError):
        return None
    return rest if first == HEADER + _hash(rest) else None


def _write(path: Path, text: str) -> None:
    """Write beside, then replace. A cache that cannot be written is no error."""
    temporary = path.with_name(f".{uuid.uuid4().hex}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_bytes(f"{HEADER}{_hash(text)}\n{text}".encode())
        os.replace(temporary, path)
    except OSError:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
