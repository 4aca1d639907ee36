"""One file from a server, whole and verified, however often the server fails.

A file grows under the name ``NAME.part`` and gets its own when its size and hash are right. What a killed process left
is asked for from where it ended (``Range``). A server that is busy (429) or fails (5xx), breaks off or falls silent is
asked again, after the time it names (``Retry-After``) or 1, 2, 4, ... seconds; a file that is not there (404) is a
hole, and no error. Between two requests lies a pause: servers of public data are shared.

httpx (extra ``tertius[fetch]``) rather than ``urllib``: it has a time limit for each read, so that a stalled transfer
is noticed, keeps connections open, and says in one tree of errors what went wrong on the way.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tertius.errors import InputError, UsageError

if TYPE_CHECKING:
    import httpx

ATTEMPTS = 8
LONGEST_PAUSE = 300.0
"""Seconds; a server that asks for more is left alone until the next run."""
SILENCE = 60.0
"""Seconds without a byte after which a transfer counts as stalled."""
BUSY = frozenset({408, 425, 429, 500, 502, 503, 504})
REFUSED = frozenset({401, 403})
PART = ".part"


class Missing(Exception):
    """The server has no such file: a hole, which the caller counts."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file on a server: its address, our name for it, and what is known of its content."""

    url: str
    name: str
    size: int | None = None
    md5: str | None = None


@dataclass(slots=True)
class Server:
    """A server that is asked politely.

    Attributes
    ----------
    rate : requests a second at most.
    headers : sent with each request (a token).
    silence : seconds without a byte after which a transfer counts as stalled.
    attempts : how often one file is asked for.
    say : called with a line when it waits.
    sleep, clock : of the system, else a test's.
    """

    rate: float = 2.0
    headers: Mapping[str, str] = field(default_factory=dict)
    silence: float = SILENCE
    attempts: int = ATTEMPTS
    say: Callable[[str], None] = lambda _: None
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    _last: float | None = None
    _client: httpx.Client | None = None

    def __enter__(self) -> Server:
        httpx = _httpx()
        self._client = httpx.Client(
            headers={"User-Agent": "tertius", **self.headers}, timeout=self.silence, follow_redirects=True
        )
        return self

    def __exit__(self, *_: object) -> None:
        assert self._client is not None
        self._client.close()

    def download(self, wanted: Wanted, folder: Path) -> Path:
        """The file in a folder, verified; not asked for where it is there already.

        Raises Missing, InputError where the server will not give it, OSError.
        """
        final = folder / wanted.name
        if final.is_file() and not _wrong(final, wanted):
            return final
        part = folder / f"{wanted.name}{PART}"

        def attempt() -> None:
            try:
                self._transfer(wanted, part)
            except _Less:
                part.unlink()
                raise
            if wrong := _wrong(part, wanted):
                part.unlink()
                raise _Again(f"{wanted.name}: {wrong}")

        self._persist(wanted.url, attempt)
        os.replace(part, final)
        return final

    def text(self, url: str) -> str:
        """What a server answers, as text. Raises Missing, InputError."""
        found = ""

        def attempt() -> None:
            nonlocal found
            with self._asked(url, {}) as answer:
                found = answer.read().decode("utf-8", "replace")

        self._persist(url, attempt)
        return found

    def _persist(self, url: str, attempt: Callable[[], None]) -> None:
        """Attempts until one succeeds. Raises Missing, InputError."""
        httpx = _httpx()
        for n in range(self.attempts):
            try:
                attempt()
            except _Again as error:
                why, pause = str(error), error.pause
            except httpx.TransportError as error:  # broken off, fallen silent, unreachable
                why, pause = f"{url}: {type(error).__name__} {error}".strip(), None
            else:
                return
            wait = min(2.0**n, LONGEST_PAUSE) if pause is None else pause
            if wait > LONGEST_PAUSE or n + 1 == self.attempts:
                raise InputError(
                    f"{why}, after {n + 1} attempts.",
                    f"The server asks for {wait:.0f} s of patience: run it again then; what was fetched is kept."
                    if wait > LONGEST_PAUSE
                    else "Run it again later: what was fetched is kept.",
                )
            self.say(f"{why}; again in {wait:.0f} s")
            self.sleep(wait)

    def _asked(self, url: str, headers: Mapping[str, str]) -> Any:
        """An answer with a body to read, as a context. Raises Missing, InputError, _Again."""
        assert self._client is not None
        if self._last is not None:
            self.sleep(max(0.0, self._last + 1 / self.rate - self.clock()))
        self._last = self.clock()
        return _Answer(self._client.stream("GET", url, headers=dict(headers)), url)

    def _transfer(self, wanted: Wanted, part: Path) -> None:
        """Add to a part what is missing at its end."""
        begun = part.stat().st_size if part.exists() else 0
        if wanted.size is not None and begun >= wanted.size:  # whole, or of another edition: the hash will say
            if begun == wanted.size:
                return
            part.unlink()
            begun = 0
        headers = {"Range": f"bytes={begun}-", "Accept-Encoding": "identity"} if begun else {}
        with self._asked(wanted.url, headers or {"Accept-Encoding": "identity"}) as answer:
            if begun and not answer.headers.get("content-range", "").startswith(f"bytes {begun}-"):
                begun = 0  # it begins anew
            with part.open("r+b" if begun else "wb", buffering=0) as stream:  # what came is there, whatever comes next
                stream.seek(begun)
                for chunk in answer.iter_bytes():
                    stream.write(chunk)
                os.fsync(stream.fileno())


class _Again(Exception):
    """Worth another attempt, after ``pause`` seconds where the server names them."""

    def __init__(self, why: str, pause: float | None = None) -> None:
        super().__init__(why)
        self.pause = pause


class _Less(_Again):
    """What is here of a file is more than the server has of it."""


class _Answer:
    """The context of a streamed answer, once its status is looked at."""

    def __init__(self, stream: Any, url: str) -> None:
        self._stream, self._url = stream, url

    def __enter__(self) -> httpx.Response:
        answer: httpx.Response = self._stream.__enter__()
        try:
            status = answer.status_code
            if status == 404:
                raise Missing(self._url)
            if status == 416:  # more is here than there
                raise _Less(f"{self._url}: it has less than what is here")
            if status in BUSY:
                raise _Again(f"{self._url}: {status} {answer.reason_phrase}", _retry_after(answer))
            if status in REFUSED:
                raise InputError(
                    f"{self._url}: {status} {answer.reason_phrase}.", "Check --token, and the source's terms."
                )
            if not 200 <= status < 300:
                raise InputError(f"{self._url}: {status} {answer.reason_phrase}.", "Check --base.")
        except BaseException:
            self._stream.__exit__(None, None, None)
            raise
        return answer

    def __exit__(self, *error: Any) -> None:
        self._stream.__exit__(*error)


def _retry_after(answer: httpx.Response) -> float | None:
    """Seconds that a server names, as a number or a date; None where it names none."""
    text = answer.headers.get("retry-after", "")
    if text.isdigit():
        return float(text)
    try:
        then = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    return max(0.0, (then - datetime.now(UTC)).total_seconds()) if then.tzinfo else None


def _wrong(path: Path, wanted: Wanted) -> str:
    """What is wrong with a file; empty where nothing is."""
    size = path.stat().st_size
    if wanted.size is not None and size != wanted.size:
        return f"it has {size:,} bytes, not the {wanted.size:,} that its source lists"
    if wanted.md5 is not None:
        with path.open("rb") as stream:
            found = hashlib.file_digest(stream, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
        if found != wanted.md5.lower():
            return f"its MD5 is {found}, not the {wanted.md5.lower()} that its source lists"
    return ""


def _httpx() -> Any:
    try:
        import httpx
    except ImportError:
        raise UsageError("httpx is not installed.", "Type: pip install 'tertius[fetch]'.") from None
    return httpx
