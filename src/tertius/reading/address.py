"""An address fetched, with suspicion: only http and https, only public addresses of the network, bounded.

A host is resolved once, every address it has must be public, and the connection goes to one of those that were looked
at (a name that answers differently the second time gains nothing); each redirect is looked at in the same way. No proxy
of the environment is used, for it would resolve names itself. The command line alone calls this. Needs
``tertius[read]``.
"""

from __future__ import annotations

import ipaddress
import socket
import zlib
from typing import Any
from urllib.parse import urljoin, urlsplit

from tertius.errors import InputError, UsageError
from tertius.reading.deadline import within
from tertius.reading.document import LIMIT, Kind, document_of, too_large
from tertius.reading.extra import needed
from tertius.reading.reading import Document

SECONDS = 30.0
REDIRECTS = 5
TYPES: dict[str, Kind] = {
    "text/html": "html", "application/xhtml+xml": "html", "text/plain": "text", "text/markdown": "markdown",
    "application/pdf": "pdf",
}  # fmt: skip
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


def is_public(address: str) -> bool:
    """Whether an address of the network is a public one, those inside others (mapped, tunnelled) looked at too.

    >>> [is_public(a) for a in ("93.184.216.34", "127.0.0.1", "::ffff:10.0.0.1", "169.254.169.254", "64:ff9b::7f00:1")]
    [True, False, False, False, False]
    """
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if ip in _NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or ip.is_unspecified)


def resolve(host: str, port: int) -> str:
    """An address of a host, all of which are public. Raises UsageError where one is not, InputError without any."""
    try:
        found = list(
            dict.fromkeys(str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        )
    except (OSError, UnicodeError) as error:
        raise InputError(f"{host} cannot be found ({error}).", "Check the address.") from None
    for address in found:
        if not is_public(address):
            raise UsageError(
                f"{host} is {address}, which is no public address.", "Save the page to a file, and read the file."
            )
    return found[0]


def fetch(address: str, *, seconds: float = SECONDS) -> Document:
    """The document at an address.

    Raises
    ------
    UsageError : no http or https, not public, or httpx is not installed.
    InputError : not reached, refused, too large, or too slow.
    """
    late = InputError(f"{address} took more than {seconds:.0f} seconds.", "Save the page to a file, and read the file.")
    content, kind = within(seconds, lambda: _fetched(address, seconds), late)
    return document_of(content, address, kind)


def _fetched(address: str, seconds: float) -> tuple[bytes, Kind | None]:
    httpx = needed("httpx")
    for _ in range(REDIRECTS + 1):
        try:
            url = urlsplit(address)
        except ValueError as error:
            raise UsageError(
                f"{address} is no address of a page ({error}).", "Give one that begins with https://."
            ) from None
        if url.scheme not in ("http", "https") or not url.hostname:
            raise UsageError(f"{address} is no address of a page.", "Give one that begins with https://.")
        if url.username or url.password:
            raise UsageError(f"{url.hostname}: the address holds a name or password.", "Leave it out.")
        try:
            port = url.port or (443 if url.scheme == "https" else 80)
        except ValueError as error:
            raise UsageError(f"{address} is no address of a page ({error}).", "Check its port.") from None
        ip = resolve(url.hostname, port)
        try:
            with httpx.Client(trust_env=False, follow_redirects=False, timeout=seconds) as client:
                answer = _answer(client, url, ip, port)
        except (httpx.HTTPError, httpx.InvalidURL, zlib.error) as error:
            raise InputError(
                f"{url.hostname} cannot be read: {error or type(error).__name__}.",
                "Try again later, or save the page to a file.",
            ) from None
        if isinstance(answer, str):
            address = urljoin(address, answer)
            continue
        return answer
    raise InputError(f"{address}: more than {REDIRECTS} redirects.", "Give the address where they end.")


def _answer(client: Any, url: Any, ip: str, port: int) -> tuple[bytes, Kind | None] | str:
    """The content and its kind, or where the server sends on to; the connection goes to ``ip``."""
    at = f"[{ip}]" if ":" in ip else ip
    host = url.netloc.rpartition("@")[2]
    target = f"{url.scheme}://{at}:{port}{url.path or '/'}{'?' + url.query if url.query else ''}"
    headers = {"Host": host, "Accept-Encoding": "gzip, identity", "User-Agent": "tertius"}
    with client.stream("GET", target, headers=headers, extensions={"sni_hostname": url.hostname}) as got:
        if got.status_code in (301, 302, 303, 307, 308) and "location" in got.headers:
            return str(got.headers["location"])
        if got.status_code != 200:
            raise InputError(
                f"{url.hostname} answered {got.status_code}.", "Check the address, or save the page to a file."
            )
        encoding = got.headers.get("content-encoding", "identity").lower()
        if encoding not in ("identity", "gzip", "deflate", ""):
            raise InputError(f"{url.hostname} sent '{encoding}', which was not asked for.", "Save the page to a file.")
        opened = zlib.decompressobj(47) if encoding in ("gzip", "deflate") else None
        content = bytearray()
        for chunk in got.iter_raw():
            content += opened.decompress(chunk, LIMIT + 1 - len(content)) if opened else chunk
            if len(content) > LIMIT:
                raise too_large(url.hostname)
        return bytes(content), TYPES.get(got.headers.get("content-type", "").partition(";")[0].strip().lower())
