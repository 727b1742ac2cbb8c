"""The address of a resolver, as `--resolver` takes it: plain DNS (RFC 1035 §4.2), DoT (RFC 7858), DoH (RFC 8484).

Plain DNS is given by an IP address, for a name would need a resolver first. DoT and DoH name the server whose
certificate is expected: the host of the address, or for DoT what stands behind `#`.
"""

import ipaddress
import re
from enum import unique
from urllib.parse import urlsplit

from mailtrace.enums import StrEnum
from mailtrace.errors import ResolverError
from mailtrace.records import Struct

_LONGEST = 2048
_HOST_AND_PORT = re.compile(r"(?:\[(?P<v6>[^\[\]]{1,100})\]|(?P<host>[^\[\]:]{1,253}))(?::(?P<port>[0-9]{1,5}))?")
_HOST_NAME = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,252})")


@unique
class Protocol(StrEnum):
    """How a resolver is spoken to."""

    DNS = "dns"  # UDP, and TCP where an answer is truncated
    DOT = "dot"
    DOH = "doh"


DEFAULT_PORT = {Protocol.DNS: 53, Protocol.DOT: 853, Protocol.DOH: 443}


class ServerAddress(Struct, frozen=True, kw_only=True):
    """Where a resolver is, and how it proves who it is."""

    text: str
    """As it was given."""
    protocol: Protocol
    host: str
    """An IP address (IPv6 without brackets), or for DoT and DoH a host name."""
    port: int
    server_name: str | None = None
    """DoT and DoH: the name or address that the certificate must be for."""
    path: str | None = None
    """DoH: the path of the URL, with its query if it has one."""


def parse_address(text: str) -> ServerAddress:
    """Read `192.0.2.53`, `192.0.2.53:5353`, `2001:db8::53`, `[2001:db8::53]:5353`, `tls://...` or `https://...`.

    Raises ResolverError, with the text, if it is none of these.
    """
    given = text.strip()
    if not given or len(given) > _LONGEST or not (given.isascii() and given.isprintable()):
        raise _refused(text, "not the address of a resolver")
    scheme, separator, rest = given.partition("://")
    if not separator:
        return _plain(given)
    match scheme.lower():
        case "tls":
            return _over_tls(given, rest)
        case "https":
            return _over_https(given)
    raise _refused(text, "a resolver is an IP address, tls://... or https://...")


def _plain(text: str) -> ServerAddress:
    if _is_ip(text):
        return ServerAddress(text=text, protocol=Protocol.DNS, host=text, port=DEFAULT_PORT[Protocol.DNS])
    host, port = _split(text, text, Protocol.DNS)
    if not _is_ip(host):
        raise _refused(text, "a resolver for plain DNS is given by its IP address")
    return ServerAddress(text=text, protocol=Protocol.DNS, host=host, port=port)


def _over_tls(text: str, rest: str) -> ServerAddress:
    authority, _, name = rest.partition("#")
    authority = authority.removesuffix("/")
    host, port = (authority, DEFAULT_PORT[Protocol.DOT]) if _is_ip(authority) else _split(text, authority, Protocol.DOT)
    return ServerAddress(
        text=text, protocol=Protocol.DOT, host=_host(text, host), port=port, server_name=_host(text, name or host)
    )


def _over_https(text: str) -> ServerAddress:
    # RFC 8484 §3: the address may be a URI template
    bare = text.removesuffix("{?dns}")
    try:
        url = urlsplit(bare)
    except ValueError as fault:
        raise _refused(text, "not a URL") from fault
    if "@" in url.netloc or url.fragment or "{" in bare:
        raise _refused(text, "a DoH address is https://host[:port][/path]")
    host, port = _split(text, url.netloc, Protocol.DOH)
    path = (url.path or "/dns-query") + (f"?{url.query}" if url.query else "")
    host = _host(text, host)
    return ServerAddress(text=text, protocol=Protocol.DOH, host=host, port=port, server_name=host, path=path)


def _split(text: str, authority: str, protocol: Protocol) -> tuple[str, int]:
    match = _HOST_AND_PORT.fullmatch(authority)
    if match is None or (match["v6"] is not None and ":" not in match["v6"]):
        raise _refused(text, "not host[:port], [IPv6][:port]")
    port = DEFAULT_PORT[protocol] if match["port"] is None else int(match["port"])
    if not 0 < port < 65536:
        raise _refused(text, "the port is not between 1 and 65535")
    return match["v6"] or match["host"], port


def _host(text: str, host: str) -> str:
    if _is_ip(host):
        return host
    # a name of digits and dots is an address gone wrong (RFC 3696 §2: no top-level name is all digits)
    if not _HOST_NAME.fullmatch(host) or host.rstrip(".").rpartition(".")[2].isdigit():
        raise _refused(text, "neither an IP address nor a host name")
    return host.rstrip(".").lower()


def _is_ip(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _refused(text: str, why: str) -> ResolverError:
    shown = text if len(text) <= 80 else text[:80] + "..."
    return ResolverError(f"{why}: {shown!r}")
